package logs

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// Limits bound what a container's log takes on the disk: Files × Size bytes.
type Limits struct {
	Size  int64 // of one file, in bytes
	Files int
}

// MinSize is the smallest Size: a batch of records has to fit in a file.
const MinSize = 64 << 10

// batch is how many bytes of records are written at once, about.
const batch = 16 << 10

// Check refuses limits that cannot be kept.
func (l Limits) Check() error {
	if l.Size < MinSize {
		return fmt.Errorf("a log file of %d bytes is too small: at least %d", l.Size, MinSize)
	}
	if l.Files < 1 {
		return fmt.Errorf("%d log files are too few: at least 1", l.Files)
	}
	return nil
}

// full says whether a file of this size has no room for n bytes more.
func (l Limits) full(size int64, n int) bool { return size > 0 && size+int64(n) > l.Size }

// path is the i-th newest file, from 0.
func path(dir string, i int) string {
	if i == 0 {
		return filepath.Join(dir, "log")
	}
	return filepath.Join(dir, "log."+strconv.Itoa(i))
}

// reserve is how many bytes of a disk no log takes: a container's state has to
// be written when its log is full, and other programs use /run as well.
func reserve(disk uint64) uint64 {
	const least, most = 256 << 10, 16 << 20
	return min(max(disk/20, least), most)
}
