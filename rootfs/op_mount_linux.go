package rootfs

import (
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// mountFS makes an instance of a file system and attaches it.
type mountFS struct {
	note
	fstype, source, dest string
	words                []string
	params               []param
	attrs                uint64
	propagation          []propagation
	label                string // of its root directory; ""
	tree                 *tree
}

func (o *mountFS) Calls(l *calls.List) { o.attach(l, o.make(l, o.params, o.attrs).Arg()) }
func (o *mountFS) Do() error           { return calls.Do(o) }

// make makes the mount, attached nowhere.
func (o *mountFS) make(l *calls.List, params []param, attrs uint64) calls.Ref {
	if o.source != "" {
		params = append([]param{{key: "source", value: o.source}}, params...)
	}
	fd := newFS(l, o.fstype, params, attrs)
	apply(l, fd.Arg(), setattrs(options{propagation: o.propagation}, nil, propagationMode{}))
	if o.label != "" {
		dir := l.Call("openat", unix.SYS_OPENAT, fd.Arg(), l.Text("."), calls.N(unix.O_DIRECTORY|unix.O_CLOEXEC), calls.N(0)).Arg()
		l.Call("fsetxattr", unix.SYS_FSETXATTR, dir, l.Text("security.selinux"), l.Text(o.label), calls.N(len(o.label)), calls.N(0))
		l.Close(dir)
	}
	return fd
}

// attach puts the mount fd into its place, and closes it.
func (o *mountFS) attach(l *calls.List, fd calls.Arg) {
	o.tree.attach(l, point{name: o.dest, dir: true, from: fd, resolve: o.resolve()})
	l.Close(fd)
}

// resolve forbids links on the way to procfs and sysfs: with /proc elsewhere,
// paths like /proc/self/attr that are trusted later would be the image's own
// (CVE-2023-27561, CVE-2023-28642).
func (o *mountFS) resolve() uint64 {
	if o.fstype == "proc" || o.fstype == "sysfs" {
		return unix.RESOLVE_NO_SYMLINKS
	}
	return 0
}

func (o *mountFS) String() string {
	return "mount " + o.fstype + " on " + o.dest + inBrackets(o.words)
}

func (o *mountFS) Shell() string {
	source := o.source
	if source == "" {
		source = o.fstype
	}
	return "mkdir -p " + inRoot(o.dest) + " && " +
		shellMount("-t "+quote(o.fstype), o.words, quote(source), inRoot(o.dest))
}

// bindMount attaches a mount that was opened before.
type bindMount struct {
	note
	name, dest string
	words      []string // of the configuration, for people
	shell      []string // for mount(8)
	recursive  bool
	dir        bool // known to be a directory
	keep       bool // the descriptor is needed again
	from       *slot
	tree       *tree
}

func (o *bindMount) Calls(l *calls.List) {
	o.tree.attach(l, point{name: o.dest, dir: o.dir, from: o.from.fd(l, "")})
	if !o.keep {
		o.from.close(l)
	}
}

func (o *bindMount) Do() error { return calls.Do(o) }

func (o *bindMount) String() string {
	notes := o.words
	if o.recursive {
		notes = append(notes[:len(notes):len(notes)], "recursive")
	}
	return "bind " + o.name + " on " + o.dest + inBrackets(notes)
}

// Shell is empty for an overlay, which the shell has mounted in its place.
func (o *bindMount) Shell() string {
	if o.from.shell == "" {
		return ""
	}
	return shellTouch(o.from.shell, inRoot(o.dest)) + "\n" +
		shellMount(bindFlag(o.recursive), o.shell, o.from.shell, inRoot(o.dest))
}

// remount changes the mount at a destination.
type remount struct {
	note
	dest   string
	bind   bool // the mount only, not its superblock
	words  []string
	calls  []setattr
	params []param // of its superblock
	tree   *tree
}

func (o *remount) Calls(l *calls.List) {
	fd := o.tree.openFixed(l, o.dest)
	apply(l, fd, o.calls)
	if len(o.params) > 0 {
		fs := l.Fspick(fd).Arg()
		configure(l, fs, o.params)
		explained(l.FsconfigReconfigure(fs), l, fs, "fsconfig reconfigure")
		l.Close(fs)
	}
	l.Close(fd)
}

func (o *remount) Do() error { return calls.Do(o) }

func (o *remount) String() string { return "remount " + o.dest + inBrackets(o.words) }

func (o *remount) Shell() string {
	list := o.words
	if o.bind {
		list = append([]string{"bind"}, list...)
	}
	return shellMount("", list, "", inRoot(o.dest))
}
