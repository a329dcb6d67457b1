package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Writer writes the log of one container. Its methods may be called by several
// goroutines at once.
type Writer struct {
	dir    string
	limits Limits

	mu      sync.Mutex
	file    *os.File // the newest; nil: it could not be made yet
	size    int64    // of file
	buf     []byte   // the batch in the making
	dropped uint64   // bytes since it was last said
	why     error    // they were dropped
}

// Create starts a log in dir, which exists.
func Create(dir string, l Limits) (*Writer, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, limits: l}
	return w, w.open()
}

// Resume goes on with the log in dir that another writer has left, killed in the
// middle of a record perhaps.
func Resume(dir string, l Limits) (*Writer, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, limits: l}
	f, err := os.OpenFile(path(dir, 0), os.O_RDWR|os.O_APPEND|unix.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) { // it was killed between two files
		return w, w.open()
	}
	if err != nil {
		return nil, err
	}
	w.file = f
	return w, w.mend()
}

// mend ends the file with a whole record.
func (w *Writer) mend() error {
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	from := max(0, info.Size()-maxRecord)
	tail := make([]byte, info.Size()-from)
	if _, err := w.file.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	w.size = from + int64(bytes.LastIndexByte(tail, '\n')+1)
	return w.file.Truncate(w.size)
}

// open makes a new newest file.
func (w *Writer) open() (err error) {
	w.size = 0
	w.file, err = os.OpenFile(path(w.dir, 0), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND|unix.O_NOFOLLOW, 0o600)
	return err
}

// Write notes what was written to a stream: a record for each line. What cannot
// be written is dropped and counted; the next record that can be written is
// preceded by one that tells.
func (w *Writer) Write(s Stream, p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	head := head(time.Now(), s)
	for len(p) > 0 {
		before := len(p)
		w.buf = w.buf[:0]
		for len(p) > 0 && len(w.buf) < batch {
			w.buf, p = appendRecord(w.buf, head, p)
		}
		w.put(before - len(p))
	}
}

// put writes the batch, which stands for n bytes of text.
func (w *Writer) put(n int) {
	err := w.ready(len(w.buf))
	if err == nil {
		err = w.confess()
	}
	if err == nil {
		err = w.append(w.buf)
	}
	if err != nil {
		w.dropped += uint64(n)
		w.why = err
	}
}

// ready finds a file with room for n bytes.
func (w *Writer) ready(n int) error {
	if w.file != nil && w.limits.full(w.size, n+confession) {
		if err := w.rotate(); err != nil {
			return err
		}
	}
	if w.file == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	return w.room(n)
}

// confession is more than the record of confess takes, in bytes.
const confession = 512

// confess notes what was dropped, if anything was.
func (w *Writer) confess() error {
	if w.dropped == 0 || w.file == nil {
		return nil
	}
	text := fmt.Sprintf("the log has lost %d bytes here: %.256s\n", w.dropped, w.why)
	record, _ := appendRecord(nil, head(time.Now(), Mini), []byte(text))
	if err := w.append(record); err != nil {
		return err
	}
	w.dropped = 0
	return nil
}

// append adds whole records to the newest file, or nothing.
func (w *Writer) append(records []byte) error {
	n, err := w.file.Write(records)
	if err != nil && n > 0 {
		return errors.Join(err, w.file.Truncate(w.size)) // no half of a record
	}
	w.size += int64(n)
	return err
}

// room says ENOSPC before the disk is quite full.
func (w *Writer) room(n int) error {
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(w.file.Fd()), &disk); err != nil {
		return err
	}
	unit := uint64(disk.Bsize)
	if disk.Blocks > 0 && disk.Bavail*unit < reserve(disk.Blocks*unit)+uint64(n) {
		return unix.ENOSPC
	}
	return nil
}

// rotate makes room for a new newest file: the oldest goes.
func (w *Writer) rotate() error {
	for i := w.limits.Files - 1; i > 0; i-- {
		if err := os.Rename(path(w.dir, i-1), path(w.dir, i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(path(w.dir, 0)); err != nil && !errors.Is(err, fs.ErrNotExist) { // the only one
		return err
	}
	err := w.file.Close()
	w.file = nil
	return err
}

// Close ends the log. What was dropped at the end is noted from the reserve.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.confess()
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}
