package tell

import (
	"bytes"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// tail reads one journal, across rotations and to the end of the directory.
type tail struct {
	dir  *os.Root // another directory of the same name is another container's
	file *os.File // where it is; it stays open, so that the rest can be read when its name is gone
	rest []byte   // the beginning of a line
	lost bool     // some were rotated away before they were read
}

// there says whether the directory still has its name.
func (t *tail) there() bool {
	now, err1 := os.Lstat(t.dir.Name())
	mine, err2 := t.dir.Stat(".")
	return err1 == nil && err2 == nil && os.SameFile(now, mine)
}

// drain gives each whole line that has not been given yet.
func (t *tail) drain(take func([]byte)) error {
	if t.file == nil {
		if err := t.begin(); t.file == nil || err != nil {
			return err
		}
	}
	for {
		if err := t.lines(take); err != nil {
			return err
		}
		next, err := t.next()
		if next == nil || err != nil {
			return err
		}
		// Whoever had the old file open has written to it by now.
		if err := t.lines(take); err != nil {
			next.Close()
			return err
		}
		t.file.Close()
		t.file, t.rest = next, nil
	}
}

// begin opens the older part of the journal, or if there is none the newer.
func (t *tail) begin() (err error) {
	for _, name := range []string{olderFile, newerFile} {
		if t.file, err = t.open(name); t.file != nil || err != nil {
			return err
		}
	}
	return nil
}

// open gives nil for a file that is not there.
func (t *tail) open(name string) (*os.File, error) {
	f, err := t.dir.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	return f, ignoreMissing(err)
}

// next opens the file that came after the present one, nil if there is none.
func (t *tail) next() (*os.File, error) {
	newer, err := t.open(newerFile)
	if newer == nil || err != nil {
		return nil, err
	}
	if same(t.file, newer) {
		newer.Close()
		return nil, nil
	}
	older, err := t.open(olderFile)
	if older == nil || err != nil {
		return newer, err
	}
	if same(t.file, older) {
		older.Close()
		return newer, nil
	}
	t.lost = true // there was more than one rotation meanwhile
	newer.Close()
	return older, nil
}

func same(a, b *os.File) bool {
	x, err1 := a.Stat()
	y, err2 := b.Stat()
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// lines reads to the present end of the file.
func (t *tail) lines(take func([]byte)) error {
	buf := make([]byte, 16<<10)
	for {
		n, err := t.file.Read(buf)
		t.rest = append(t.rest, buf[:n]...)
		t.cut(take)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// cut takes the whole lines off the beginning.
func (t *tail) cut(take func([]byte)) {
	for {
		line, rest, found := bytes.Cut(t.rest, []byte("\n"))
		if !found {
			break
		}
		if len(line) > 0 {
			take(line)
		}
		t.rest = rest
	}
	if len(t.rest) > 2*MaxLine {
		t.rest = nil // no event
	}
}

func (t *tail) close() {
	t.dir.Close()
	if t.file != nil {
		t.file.Close()
	}
}
