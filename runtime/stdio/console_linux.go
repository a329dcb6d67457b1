package stdio

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// bindConsole mounts the terminal on /dev/console.
type bindConsole struct {
	note
	terminal *Terminal
}

func (o bindConsole) Do() error { return calls.Do(o) }

// Calls works on descriptors alone: neither the terminal nor the place it goes to
// can be exchanged for another in between (CVE-2025-52565).
func (o bindConsole) Calls(l *calls.List) {
	if !o.terminal.made(l) {
		return
	}
	target := openConsole(l)
	tree := l.OpenTree(o.terminal.slave, "", unix.OPEN_TREE_CLONE|unix.AT_EMPTY_PATH).Arg()
	l.MoveMount(tree, "", target, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
	l.Close(tree)
	l.Close(target)
}

func (o bindConsole) String() string { return "mount --bind the terminal on /dev/console" }
func (o bindConsole) Shell() string {
	return `: >>"$R"/dev/console` + "\n" + `mount --bind "$(tty)" "$R"/dev/console`
}

// openConsole opens /dev/console, made if need be: a file or a device, no link.
func openConsole(l *calls.List) calls.Arg {
	dev := l.Openat2(calls.CWD, "/dev", unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_MAGICLINKS,
	}).Named("open /dev").Arg()
	made := l.Openat2(dev, "console", unix.OpenHow{
		Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Mode:  0o600,
	}).Named("create /dev/console")
	l.Close(made.Arg())
	made.SkipTo(unix.EEXIST)
	fd := l.Openat2(dev, "console", unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}).Named("open /dev/console").Arg()
	checkConsole(l, fd)
	l.Close(dev)
	return fd
}

func checkConsole(l *calls.List, fd calls.Arg) {
	st, stat := l.Fstat(fd)
	stat.Named("stat /dev/console")
	mode := st.At(int(unsafe.Offsetof(unix.Stat_t{}.Mode)))
	l.Check("stat /dev/console", mode, unix.S_IFMT, unix.S_IFREG, unix.EEXIST).Else(0, func(unix.Errno) error {
		switch calls.ReadStruct[unix.Stat_t](st).Mode & unix.S_IFMT {
		case unix.S_IFREG, unix.S_IFCHR:
			return nil
		case unix.S_IFLNK:
			return fmt.Errorf("/dev/console is a symbolic link: %w", unix.ELOOP)
		}
		return fmt.Errorf("/dev/console is neither a file nor a device: %w", unix.EEXIST)
	})
}
