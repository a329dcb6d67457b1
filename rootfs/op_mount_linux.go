package rootfs

import (
	"fmt"

	"golang.org/x/sys/unix"
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

func (o *mountFS) Do() error {
	fd, err := o.make(o.params, o.attrs)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return o.tree.attach(fd, o.dest, true, o.resolve())
}

// make makes the mount, attached nowhere.
func (o *mountFS) make(params []param, attrs uint64) (int, error) {
	if o.source != "" {
		params = append([]param{{key: "source", value: o.source}}, params...)
	}
	fd, err := newFS(o.fstype, params, attrs)
	if err != nil {
		return -1, err
	}
	err = apply(fd, setattrs(options{propagation: o.propagation}, nil, propagationMode{}))
	if err == nil && o.label != "" {
		err = unix.Setxattr(fdPath(fd), "security.selinux", []byte(o.label), 0)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
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

func (o *bindMount) Do() error {
	fd, err := o.from.fd()
	if err != nil {
		return err
	}
	dir := o.dir
	if !dir {
		if dir, err = isDir(fd); err != nil {
			return err
		}
	}
	if err := o.tree.attach(fd, o.dest, dir, 0); err != nil {
		return err
	}
	if !o.keep {
		o.from.close()
	}
	return nil
}

func isDir(fd int) (bool, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return false, fmt.Errorf("fstat: %w", err)
	}
	return st.Mode&unix.S_IFMT == unix.S_IFDIR, nil
}

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

func (o *remount) Do() error {
	fd, err := o.tree.openFixed(o.dest)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := apply(fd, o.calls); err != nil {
		return err
	}
	if len(o.params) == 0 {
		return nil
	}
	fs, err := unix.Fspick(fd, "", unix.FSPICK_CLOEXEC|unix.FSPICK_EMPTY_PATH)
	if err != nil {
		return fmt.Errorf("fspick: %w", err)
	}
	defer unix.Close(fs)
	if err := configure(fs, o.params); err != nil {
		return err
	}
	if err := unix.FsconfigReconfigure(fs); err != nil {
		return explain(fs, "fsconfig reconfigure", err)
	}
	return nil
}

func (o *remount) String() string { return "remount " + o.dest + inBrackets(o.words) }

func (o *remount) Shell() string {
	list := o.words
	if o.bind {
		list = append([]string{"bind"}, list...)
	}
	return shellMount("", list, "", inRoot(o.dest))
}
