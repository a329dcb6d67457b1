package check

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// What is read from a service at most.
const (
	maxHead = 16 << 10 // bytes before the body
	maxBody = 64 << 10 // bytes of a body; what comes after them is not read
)

// errFull says that no more is read.
var errFull = errors.New("the answer is longer than what is read of it")

// A feed reads from a connection into memory, and no more than a limit.
type feed struct {
	r    io.Reader
	buf  []byte // read and not yet used
	left int    // bytes that may still be read
}

func newFeed(r io.Reader, limit int) *feed {
	return &feed{r: r, buf: make([]byte, 0, 4096), left: limit}
}

// more reads once, at least a byte.
func (f *feed) more() error {
	if f.left == 0 {
		return errFull
	}
	if len(f.buf) == cap(f.buf) {
		f.buf = slices.Grow(f.buf, 4096)
	}
	free := f.buf[len(f.buf):cap(f.buf)]
	n, err := f.r.Read(free[:min(len(free), f.left)])
	f.buf = f.buf[:len(f.buf)+n]
	f.left -= n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// line returns the next line without its end, which is CRLF or LF. It stays as
// it is until the next call.
func (f *feed) line() ([]byte, error) {
	for seen := 0; ; {
		if i := bytes.IndexByte(f.buf[seen:], '\n'); i >= 0 {
			line := f.buf[:seen+i]
			f.buf = f.buf[seen+i+1:]
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		seen = len(f.buf)
		if err := f.more(); err != nil {
			return nil, err
		}
	}
}

// take returns the next n bytes. They stay as they are until the next call.
func (f *feed) take(n int) ([]byte, error) {
	for len(f.buf) < n {
		if err := f.more(); err != nil {
			return nil, err
		}
	}
	text := f.buf[:n]
	f.buf = f.buf[n:]
	return text, nil
}

// await reads until what was read contains text.
func (f *feed) await(text []byte) error {
	for seen := 0; ; {
		if bytes.Contains(f.buf[seen:], text) {
			return nil
		}
		seen = max(0, len(f.buf)-len(text)+1)
		if err := f.more(); err != nil {
			return err
		}
	}
}
