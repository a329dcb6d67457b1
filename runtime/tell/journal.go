package tell

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The journal is two files in the container's directory, the newer and the
// older part of it. When the newer one is full it becomes the older one.
const (
	newerFile = "events"
	olderFile = "events.1"
	// maxFile is the size of one of them in bytes, so that a container's journal
	// takes at most twice that: some thousand events.
	maxFile = 128 << 10
)

// Append writes an event into the journal in dir, for one who has no Teller. ID
// and Time are the caller's.
func Append(dir string, e Event) error { return appendLine(dir, e.line()) }

// appendLine writes a line with one write(2): of several writers at once none
// cuts another's (O_APPEND, open(2)). The file is opened for each: events are
// rare, and a container's directory may go and come.
func appendLine(dir string, line []byte) error {
	path := filepath.Join(dir, newerFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 && info.Size()+int64(len(line)) > maxFile {
		if moved, err := rotate(f, dir); err != nil {
			return err
		} else if moved {
			return appendLine(dir, line)
		}
	}
	if !whole(f, info.Size()) {
		line = append([]byte{'\n'}, line...)
	}
	_, err = f.Write(line)
	return err
}

// whole says whether the file ends with a line's end. It does not after a write
// for which the disk had no room.
func whole(f *os.File, size int64) bool {
	last := []byte{'\n'}
	if size > 0 {
		_, _ = f.ReadAt(last, size-1) // unreadable: then the write will say so
	}
	return last[0] == '\n'
}

// rotate makes the newer file the older one, unless another process is doing
// so: then its size does not matter for once.
func rotate(f *os.File, dir string) (moved bool, err error) {
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if !isAt(f, f.Name()) {
		return true, nil // done by another, before we had the lock
	}
	return true, os.Rename(f.Name(), filepath.Join(dir, olderFile))
}

// isAt says whether path leads to f.
func isAt(f *os.File, path string) bool {
	mine, err1 := f.Stat()
	there, err2 := os.Lstat(path)
	return err1 == nil && err2 == nil && os.SameFile(mine, there)
}

// journal is the one of a Teller. A line that finds no room is dropped and
// counted; the next one tells how many were.
type journal struct {
	dir     string
	dropped uint64
	failing bool
}

// put writes a line. The error is not nil only where it is news.
func (j *journal) put(line []byte) error {
	if j.dir == "" {
		return nil
	}
	err := appendLine(j.dir, withDropped(line, j.dropped))
	if err == nil {
		j.dropped, j.failing = 0, false
		return nil
	}
	j.dropped++
	if j.failing || errors.Is(err, fs.ErrNotExist) { // the container's directory is gone, and its readers know
		return nil
	}
	j.failing = true
	return err
}

// withDropped adds the number of lost events to a line.
func withDropped(line []byte, n uint64) []byte {
	if n == 0 {
		return line
	}
	return fmt.Appendf(bytes.Clone(bytes.TrimSuffix(line, []byte("}\n"))), `,"dropped":%d}`+"\n", n)
}
