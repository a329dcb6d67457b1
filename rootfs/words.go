package rootfs

import (
	"maps"
	"slices"

	"golang.org/x/sys/unix"
)

// MountOptions lists the option words that are understood for every mount, in
// alphabetical order (features.md, "mountOptions").
func MountOptions() []string { return slices.Sorted(maps.Keys(words)) }

// words is the table of config.md, "Linux mount options".
//
// ro and rw, as in mount(8), are for the mount and for a new superblock: a disk
// file system must know before it replays its journal. Remounts and binds
// change the mount only.
var words = map[string]func(*options){
	"defaults": nothing,
	"silent":   nothing, // kept the old mount(2) from logging; fsopen logs to its caller
	"loud":     nothing,

	"bind":      func(o *options) { o.bind, o.recursive = true, false },
	"rbind":     func(o *options) { o.bind, o.recursive = true, true },
	"remount":   func(o *options) { o.remount = true },
	"tmpcopyup": func(o *options) { o.copyUp = true },
	"idmap":     func(o *options) { o.idmap, o.ridmap = true, false },
	"ridmap":    func(o *options) { o.idmap, o.ridmap = true, true },

	"ro":          both(set(unix.MOUNT_ATTR_RDONLY), super("ro")),
	"rw":          both(unset(unix.MOUNT_ATTR_RDONLY), super("rw")),
	"suid":        unset(unix.MOUNT_ATTR_NOSUID),
	"nosuid":      set(unix.MOUNT_ATTR_NOSUID),
	"dev":         unset(unix.MOUNT_ATTR_NODEV),
	"nodev":       set(unix.MOUNT_ATTR_NODEV),
	"exec":        unset(unix.MOUNT_ATTR_NOEXEC),
	"noexec":      set(unix.MOUNT_ATTR_NOEXEC),
	"diratime":    unset(unix.MOUNT_ATTR_NODIRATIME),
	"nodiratime":  set(unix.MOUNT_ATTR_NODIRATIME),
	"symfollow":   unset(unix.MOUNT_ATTR_NOSYMFOLLOW),
	"nosymfollow": set(unix.MOUNT_ATTR_NOSYMFOLLOW),

	"atime":         notAtime(unix.MOUNT_ATTR_NOATIME),
	"noatime":       atime(unix.MOUNT_ATTR_NOATIME),
	"relatime":      atime(unix.MOUNT_ATTR_RELATIME),
	"norelatime":    notAtime(unix.MOUNT_ATTR_RELATIME),
	"strictatime":   atime(unix.MOUNT_ATTR_STRICTATIME),
	"nostrictatime": notAtime(unix.MOUNT_ATTR_STRICTATIME),

	"sync":       super("sync"),
	"async":      super("async"),
	"dirsync":    super("dirsync"),
	"lazytime":   super("lazytime"),
	"nolazytime": super("nolazytime"),
	"mand":       super("mand"),
	"nomand":     super("nomand"),
	"iversion":   super("i_version"), // never a flag of all: ext4's name for it
	"noiversion": nothing,

	"rro":            below(set(unix.MOUNT_ATTR_RDONLY)),
	"rrw":            below(unset(unix.MOUNT_ATTR_RDONLY)),
	"rsuid":          below(unset(unix.MOUNT_ATTR_NOSUID)),
	"rnosuid":        below(set(unix.MOUNT_ATTR_NOSUID)),
	"rdev":           below(unset(unix.MOUNT_ATTR_NODEV)),
	"rnodev":         below(set(unix.MOUNT_ATTR_NODEV)),
	"rexec":          below(unset(unix.MOUNT_ATTR_NOEXEC)),
	"rnoexec":        below(set(unix.MOUNT_ATTR_NOEXEC)),
	"rdiratime":      below(unset(unix.MOUNT_ATTR_NODIRATIME)),
	"rnodiratime":    below(set(unix.MOUNT_ATTR_NODIRATIME)),
	"rsymfollow":     below(unset(unix.MOUNT_ATTR_NOSYMFOLLOW)),
	"rnosymfollow":   below(set(unix.MOUNT_ATTR_NOSYMFOLLOW)),
	"ratime":         below(notAtime(unix.MOUNT_ATTR_NOATIME)),
	"rnoatime":       below(atime(unix.MOUNT_ATTR_NOATIME)),
	"rrelatime":      below(atime(unix.MOUNT_ATTR_RELATIME)),
	"rnorelatime":    below(notAtime(unix.MOUNT_ATTR_RELATIME)),
	"rstrictatime":   below(atime(unix.MOUNT_ATTR_STRICTATIME)),
	"rnostrictatime": below(notAtime(unix.MOUNT_ATTR_STRICTATIME)),

	"shared":      propagate(unix.MS_SHARED, false),
	"rshared":     propagate(unix.MS_SHARED, true),
	"slave":       propagate(unix.MS_SLAVE, false),
	"rslave":      propagate(unix.MS_SLAVE, true),
	"private":     propagate(unix.MS_PRIVATE, false),
	"rprivate":    propagate(unix.MS_PRIVATE, true),
	"unbindable":  propagate(unix.MS_UNBINDABLE, false),
	"runbindable": propagate(unix.MS_UNBINDABLE, true),
}

func nothing(*options) {}

func set(bit uint64) func(*options) {
	return func(o *options) { o.own = o.own.then(attrs{set: bit}) }
}

func unset(bit uint64) func(*options) {
	return func(o *options) { o.own = o.own.then(attrs{clear: bit}) }
}

func atime(mode uint64) func(*options) {
	return func(o *options) { o.own = o.own.withAtime(mode) }
}

func notAtime(mode uint64) func(*options) {
	return func(o *options) { o.own = o.own.withoutAtime(mode) }
}

func both(a, b func(*options)) func(*options) {
	return func(o *options) { a(o); b(o) }
}

// below turns a change of the mount's own attributes into one of its tree.
func below(change func(*options)) func(*options) {
	return func(o *options) {
		o.own, o.tree = o.tree, o.own
		change(o)
		o.own, o.tree = o.tree, o.own
	}
}

func propagate(kind uint64, recursive bool) func(*options) {
	return func(o *options) { o.propagation = append(o.propagation, propagation{kind, recursive}) }
}

// super records a flag of the superblock. Opposites replace each other.
func super(flag string) func(*options) {
	return func(o *options) {
		o.super = slices.DeleteFunc(o.super, func(p param) bool {
			return p.key == flag || p.key == opposites[flag]
		})
		o.super = append(o.super, param{key: flag, flag: true})
	}
}

var opposites = map[string]string{
	"ro": "rw", "rw": "ro", "sync": "async", "async": "sync", "lazytime": "nolazytime",
	"nolazytime": "lazytime", "mand": "nomand", "nomand": "mand",
}
