package process

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// openProc opens the root of a procfs of this pid namespace: one of our own
// that is mounted nowhere or, where the kernel does not give us one (in a user
// namespace whose procfs has parts covered), the one on /proc, checked to be one.
// The attributes of a thread can be written by that thread only, so that a
// procfs of another pid namespace can stop us but not deceive us.
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
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	if err == nil && (st.Ino != procRootIno || !onProc(fd)) {
		err = fmt.Errorf("/proc is not the root of a procfs: %w", unix.EXDEV)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

const procRootIno = 1 // PROC_ROOT_INO of linux/proc_ns.h

func onProc(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil && fs.Type == unix.PROC_SUPER_MAGIC
}

func privateProc() (int, error) {
	fs, err := unix.Fsopen("proc", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fsopen proc: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("fsconfig proc: %w", err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fsmount proc: %w", err)
	}
	return fd, nil
}

// writeError is one of write(2), not of the way to the file.
type writeError struct{ err error }

func (e *writeError) Error() string { return "write: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// opened tells errors of the write from those of the open.
func opened(err error) bool {
	var w *writeError
	return errors.As(err, &w)
}

// writeProc writes a file below the root proc in one call. On the way there may
// be neither links nor mounts.
func writeProc(proc int, file, text string) error {
	fd, err := unix.Openat2(proc, file, &unix.OpenHow{
		Flags:   unix.O_WRONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", file, err)
	}
	defer unix.Close(fd)
	if !onProc(fd) {
		return fmt.Errorf("%s is not on a procfs: %w", file, unix.EXDEV)
	}
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		return &writeError{err}
	}
	return nil
}
