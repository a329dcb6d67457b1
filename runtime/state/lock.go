package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Lock takes the container's lock for this process, or says ErrBusy, or
// fs.ErrNotExist if the container is just being removed by another. The
// kernel releases it when the process ends, however it ends (flock(2)), and
// all children that were forked before and have not executed a program yet.
// owner is written into the lock, for those who meet it.
func (d *Dir) Lock(owner string) error { return d.take(owner, 0) }

// take is Lock with more flags to open the file by. Only the creator makes it:
// whoever else did could meet the remover of the directory half-way.
func (d *Dir) take(owner string, flags int) error {
	f, err := d.file(lockFile, os.O_RDWR|flags)
	if errors.Is(err, fs.ErrNotExist) {
		_ = os.Remove(d.Path) // if its remover was killed before this
	}
	if err != nil {
		return err
	}
	if err := flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return fmt.Errorf("%q: %w", d.ID, ErrBusy)
		}
		return err
	}
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) == nil && st.Nlink == 0 {
		f.Close()
		return fs.ErrNotExist // it was removed between our open and our flock
	}
	d.lock = f
	if _, err = f.WriteAt([]byte(owner), 0); err != nil || st.Size <= int64(len(owner)) {
		return err
	}
	// Only now, and only if need be: ext4 writes a file to disk that was emptied
	// (ext4(5), auto_da_alloc), and this one is gone in a moment.
	return f.Truncate(int64(len(owner)))
}

// Owner is what the last process to lock the container wrote, "" if nothing.
func (d *Dir) Owner() string {
	owner, _ := readFile(filepath.Join(d.Path, lockFile))
	return string(owner)
}

// WaitLock takes the lock as soon as whoever holds it lets go.
func (d *Dir) WaitLock() error {
	f, err := d.file(lockFile, os.O_RDWR)
	if err != nil {
		return err
	}
	d.lock = f
	return flock(int(f.Fd()), unix.LOCK_EX)
}

// Unlock lets go of the lock, if it is held.
func (d *Dir) Unlock() {
	if d.lock != nil {
		d.lock.Close()
		d.lock = nil
	}
}

// LockRoot serializes the making and the clearing away of containers below
// root, by a lock on root itself. It waits; the holders are quick.
func LockRoot(root string) (unlock func(), err error) {
	fd, err := open(root, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if err := flock(fd, unix.LOCK_EX); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return func() { unix.Close(fd) }, nil
}

func flock(fd int, how int) error {
	_, err := again(func() (int, error) { return 0, unix.Flock(fd, how) })
	return err
}
