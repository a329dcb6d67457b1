package namespaces

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// writeSysctl writes a file below /proc/sys.
//
// The caller is inside the container, where /proc is whatever its configuration
// and its image made of it, so neither path nor mount is trusted: the file is
// reached through a procfs of our own which is mounted nowhere, by components
// that can be neither links nor mounts (CVE-2025-52881).
func writeSysctl(path, value string) error {
	proc, err := openProc()
	if err != nil {
		return err
	}
	defer unix.Close(proc)
	fd, err := unix.Openat2(proc, "sys/"+path, &unix.OpenHow{
		Flags:   unix.O_WRONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return fmt.Errorf("openat2: %w", err)
	}
	defer unix.Close(fd)
	if err := isProc(fd); err != nil {
		return err
	}
	return writeOnce(fd, value)
}

// openProc opens the root of a procfs: a private one, or /proc where the kernel
// does not allow that, having found that it is one and that it is its root. What
// is mounted over parts of it still cannot deceive writeSysctl, only stop it.
func openProc() (int, error) {
	fd, err := privateProc()
	if !errors.Is(err, unix.EPERM) {
		return fd, err
	}
	fd, err = unix.Openat2(unix.AT_FDCWD, "/proc", &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return -1, fmt.Errorf("open /proc: %w", err)
	}
	if err := isProcRoot(fd); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("/proc %w", err)
	}
	return fd, nil
}

// privateProc opens a procfs of the caller's pid namespace that has no place in
// any tree. Without privileges over the pid namespace that is EPERM, and in a
// user namespace also if no procfs is mounted, or only one that others covered
// up (mount_namespaces(7), restrictions).
func privateProc() (int, error) {
	fs, err := unix.Fsopen("proc", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fsopen proc: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("fsconfig proc: %w", err)
	}
	attr := unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attr)
	if err != nil {
		return -1, fmt.Errorf("fsmount proc: %w", err)
	}
	return fd, nil
}

func isProc(fd int) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return fmt.Errorf("fstatfs: %w", err)
	}
	if st.Type != unix.PROC_SUPER_MAGIC {
		return errors.New("is not on a procfs")
	}
	return nil
}

// isProcRoot checks for the one inode number that the root of a procfs has.
func isProcRoot(fd int) error {
	if err := isProc(fd); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if st.Ino != 1 {
		return errors.New("is not the root of a procfs")
	}
	return nil
}

// writeOnce writes text in a single call, as files of /proc want it.
func writeOnce(fd int, text string) error {
	n, err := unix.Write(fd, []byte(text))
	switch {
	case err != nil:
		return fmt.Errorf("write: %w", err)
	case n != len(text):
		return fmt.Errorf("write: %d of %d bytes taken", n, len(text))
	}
	return nil
}
