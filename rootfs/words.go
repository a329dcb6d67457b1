package rootfs

import (
	"slices"

	"golang.org/x/sys/unix"
)

// MountOptions lists the option words that are understood for every mount, in
// alphabetical order (features.md, "mountOptions").
func MountOptions() []string {
	names := make([]string, 0, len(words))
	for i := range words {
		names = append(names, words[i].name)
	}
	slices.Sort(names)
	return names
}

// word is an option that every mount understands, and all it means.
type word struct {
	name string

	set, clear  uint64      // MOUNT_ATTR_* bits
	atime       atimeChange // set is an access time mode, not a bit
	tree        bool        // of the whole tree, not only of the mount itself
	super       string      // flag of the superblock
	propagation uint64      // MS_SHARED …
	also        meaning
}

// atimeChange: the access time mode is chosen, or taken back.
type atimeChange byte

const (
	choose atimeChange = iota + 1
	takeBack
)

// meaning is what a word says beside attributes.
type meaning byte

const (
	isBind meaning = iota + 1
	isRbind
	isRemount
	isCopyUp
	isIdmap
	isRidmap
)

// words is the table of config.md, "Linux mount options". It is an array, and
// not a map, since that costs nothing when the program starts.
//
// ro and rw, as in mount(8), are for the mount and for a new superblock: a disk
// file system must know before it replays its journal. Remounts and binds
// change the mount only.
var words = [...]word{
	{name: "defaults"},
	{name: "silent"}, // kept the old mount(2) from logging; fsopen logs to its caller
	{name: "loud"},
	{name: "noiversion"},

	{name: "bind", also: isBind},
	{name: "rbind", also: isRbind},
	{name: "remount", also: isRemount},
	{name: "tmpcopyup", also: isCopyUp},
	{name: "idmap", also: isIdmap},
	{name: "ridmap", also: isRidmap},

	{name: "ro", set: unix.MOUNT_ATTR_RDONLY, super: "ro"},
	{name: "rw", clear: unix.MOUNT_ATTR_RDONLY, super: "rw"},
	{name: "suid", clear: unix.MOUNT_ATTR_NOSUID},
	{name: "nosuid", set: unix.MOUNT_ATTR_NOSUID},
	{name: "dev", clear: unix.MOUNT_ATTR_NODEV},
	{name: "nodev", set: unix.MOUNT_ATTR_NODEV},
	{name: "exec", clear: unix.MOUNT_ATTR_NOEXEC},
	{name: "noexec", set: unix.MOUNT_ATTR_NOEXEC},
	{name: "diratime", clear: unix.MOUNT_ATTR_NODIRATIME},
	{name: "nodiratime", set: unix.MOUNT_ATTR_NODIRATIME},
	{name: "symfollow", clear: unix.MOUNT_ATTR_NOSYMFOLLOW},
	{name: "nosymfollow", set: unix.MOUNT_ATTR_NOSYMFOLLOW},

	{name: "atime", set: unix.MOUNT_ATTR_NOATIME, atime: takeBack},
	{name: "noatime", set: unix.MOUNT_ATTR_NOATIME, atime: choose},
	{name: "relatime", set: unix.MOUNT_ATTR_RELATIME, atime: choose},
	{name: "norelatime", set: unix.MOUNT_ATTR_RELATIME, atime: takeBack},
	{name: "strictatime", set: unix.MOUNT_ATTR_STRICTATIME, atime: choose},
	{name: "nostrictatime", set: unix.MOUNT_ATTR_STRICTATIME, atime: takeBack},

	{name: "sync", super: "sync"},
	{name: "async", super: "async"},
	{name: "dirsync", super: "dirsync"},
	{name: "lazytime", super: "lazytime"},
	{name: "nolazytime", super: "nolazytime"},
	{name: "mand", super: "mand"},
	{name: "nomand", super: "nomand"},
	{name: "iversion", super: "i_version"}, // no flag that all have: ext4's name for it

	{name: "rro", set: unix.MOUNT_ATTR_RDONLY, tree: true},
	{name: "rrw", clear: unix.MOUNT_ATTR_RDONLY, tree: true},
	{name: "rsuid", clear: unix.MOUNT_ATTR_NOSUID, tree: true},
	{name: "rnosuid", set: unix.MOUNT_ATTR_NOSUID, tree: true},
	{name: "rdev", clear: unix.MOUNT_ATTR_NODEV, tree: true},
	{name: "rnodev", set: unix.MOUNT_ATTR_NODEV, tree: true},
	{name: "rexec", clear: unix.MOUNT_ATTR_NOEXEC, tree: true},
	{name: "rnoexec", set: unix.MOUNT_ATTR_NOEXEC, tree: true},
	{name: "rdiratime", clear: unix.MOUNT_ATTR_NODIRATIME, tree: true},
	{name: "rnodiratime", set: unix.MOUNT_ATTR_NODIRATIME, tree: true},
	{name: "rsymfollow", clear: unix.MOUNT_ATTR_NOSYMFOLLOW, tree: true},
	{name: "rnosymfollow", set: unix.MOUNT_ATTR_NOSYMFOLLOW, tree: true},
	{name: "ratime", set: unix.MOUNT_ATTR_NOATIME, atime: takeBack, tree: true},
	{name: "rnoatime", set: unix.MOUNT_ATTR_NOATIME, atime: choose, tree: true},
	{name: "rrelatime", set: unix.MOUNT_ATTR_RELATIME, atime: choose, tree: true},
	{name: "rnorelatime", set: unix.MOUNT_ATTR_RELATIME, atime: takeBack, tree: true},
	{name: "rstrictatime", set: unix.MOUNT_ATTR_STRICTATIME, atime: choose, tree: true},
	{name: "rnostrictatime", set: unix.MOUNT_ATTR_STRICTATIME, atime: takeBack, tree: true},

	{name: "shared", propagation: unix.MS_SHARED},
	{name: "rshared", propagation: unix.MS_SHARED, tree: true},
	{name: "slave", propagation: unix.MS_SLAVE},
	{name: "rslave", propagation: unix.MS_SLAVE, tree: true},
	{name: "private", propagation: unix.MS_PRIVATE},
	{name: "rprivate", propagation: unix.MS_PRIVATE, tree: true},
	{name: "unbindable", propagation: unix.MS_UNBINDABLE},
	{name: "runbindable", propagation: unix.MS_UNBINDABLE, tree: true},
}

// wordOf finds a word; nil: it belongs to the file system.
func wordOf(name string) *word {
	for i := range words {
		if words[i].name == name {
			return &words[i]
		}
	}
	return nil
}

func (w *word) apply(o *options) {
	target := &o.own
	if w.tree {
		target = &o.tree
	}
	switch {
	case w.atime == choose:
		*target = target.withAtime(w.set)
	case w.atime == takeBack:
		*target = target.withoutAtime(w.set)
	default:
		*target = target.then(attrs{w.set, w.clear})
	}
	if w.super != "" {
		o.setSuper(w.super)
	}
	if w.propagation != 0 {
		o.propagation = append(o.propagation, propagation{w.propagation, w.tree})
	}
	w.also.apply(o)
}

func (m meaning) apply(o *options) {
	switch m {
	case isBind, isRbind:
		o.bind, o.recursive = true, m == isRbind
	case isRemount:
		o.remount = true
	case isCopyUp:
		o.copyUp = true
	case isIdmap, isRidmap:
		o.idmap, o.ridmap = true, m == isRidmap
	}
}

// setSuper records a flag of the superblock, in the place of its opposite.
func (o *options) setSuper(flag string) {
	o.super = slices.DeleteFunc(o.super, func(p param) bool { return p.key == flag || opposite(p.key, flag) })
	o.super = append(o.super, param{key: flag, flag: true})
}

func opposite(a, b string) bool {
	pair := func(x, y string) bool { return a == x && b == y || a == y && b == x }
	return pair("ro", "rw") || pair("sync", "async") || pair("lazytime", "nolazytime") || pair("mand", "nomand")
}
