package namespaces

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// writeSysctl writes a file below /proc/sys.
//
// It is done inside the container, where /proc is whatever its configuration
// and its image made of it, so neither path nor mount is trusted: the file is
// reached through a procfs of our own which is mounted nowhere, by components
// that can be neither links nor mounts (CVE-2025-52881).
func writeSysctl(l *calls.List, path, value string) {
	proc := openProc(l)
	fd := l.Openat2(proc, "sys/"+path, unix.OpenHow{
		Flags:   unix.O_WRONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	})
	isProc(l, fd.Arg())
	writeWhole(l, fd.Arg(), value)
	l.Close(fd.Arg())
	l.Close(proc)
}

// openProc opens the root of a procfs: a private one, or /proc where the kernel
// does not allow that, having found that it is one and that it is its root. What
// is mounted over parts of it still cannot deceive writeSysctl, only stop it.
func openProc(l *calls.List) calls.Arg {
	cell := l.Words(calls.N(uint64(noProc)))
	privateProc(l, cell)
	l.Check("", cell.Arg(), noProc, 0, unix.EPERM).Else(0, func(unix.Errno) error {
		fd, err := mountedProc(l.Beside())
		binary.NativeEndian.PutUint32(cell.Bytes(), uint32(fd))
		return err
	})
	return l.Load(cell.Arg()).Arg()
}

// noProc is a bit that no descriptor has.
const noProc = 1 << 31

// privateProc opens a procfs of the process's pid namespace that has no place in
// any tree, and puts it into cell. Without privileges over the pid namespace that is
// EPERM, and in a user namespace also if no procfs is mounted, or only one that
// others covered up (mount_namespaces(7), restrictions): then cell is as it was.
func privateProc(l *calls.List, cell calls.Memory) {
	fs := l.Fsopen("proc")
	create := l.FsconfigCreate(fs.Arg()).Named("fsconfig proc")
	attr := uint64(unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC)
	mount := l.Fsmount(fs.Arg(), attr).Named("fsmount proc")
	l.Store(cell.Arg(), mount.Arg())
	create.SkipTo(unix.EPERM)
	mount.SkipTo(unix.EPERM)
	l.Close(fs.Arg())
	fs.SkipTo(unix.EPERM)
}

// mountedProc opens /proc, in a list of its own.
func mountedProc(l *calls.List) (int, error) {
	fd := l.Openat2(calls.CWD, "/proc", unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	}).Named("open /proc")
	isProcRoot(l, fd.Arg())
	n, err := fd.Value()
	if errors.Is(err, errNotProc) || errors.Is(err, errNotRoot) {
		err = fmt.Errorf("/proc %w", err)
	}
	return n, err
}

var (
	errNotProc = errors.New("is not on a procfs")
	errNotRoot = errors.New("is not the root of a procfs")
)

func isProc(l *calls.List, fd calls.Arg) {
	st, _ := l.Fstatfs(fd)
	kind := st.At(int(unsafe.Offsetof(unix.Statfs_t{}.Type)))
	l.Check("fstatfs", kind, ^uint64(0), unix.PROC_SUPER_MAGIC, unix.EXDEV).Else(0, means(errNotProc))
}

// isProcRoot checks for the one inode number that the root of a procfs has.
func isProcRoot(l *calls.List, fd calls.Arg) {
	isProc(l, fd)
	st, _ := l.Fstat(fd)
	ino := st.At(int(unsafe.Offsetof(unix.Stat_t{}.Ino)))
	l.Check("fstat", ino, ^uint64(0), 1, unix.EXDEV).Else(0, means(errNotRoot))
}

// means says what the failure of a check means.
func means(err error) func(unix.Errno) error { return func(unix.Errno) error { return err } }

// writeWhole writes text in a single call, as files of /proc want it.
func writeWhole(l *calls.List, fd calls.Arg, text string) {
	n := l.Space(8)
	l.Store(n.Arg(), l.Write(fd, text).Arg())
	l.Check("write", n.Arg(), ^uint64(0), uint64(len(text)), unix.EIO).Else(0, func(unix.Errno) error {
		return fmt.Errorf("write: %d of %d bytes taken", binary.NativeEndian.Uint32(n.Bytes()), len(text))
	})
}
