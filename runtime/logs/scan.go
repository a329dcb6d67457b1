package logs

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// scanner reads the records of one file. At its end it may be asked again
// later: the file may have grown.
type scanner struct {
	file       *os.File
	buf        []byte
	start, end int // of what is read and not yet given
}

func newScanner(f *os.File) *scanner {
	return &scanner{file: f, buf: make([]byte, 2*maxRecord)}
}

// next gives the next whole record, or io.EOF. Lines that are none, which a
// supervisor that was killed while it wrote may leave, are passed over.
func (s *scanner) next() (Record, error) {
	for {
		line, err := s.line()
		if err != nil {
			return Record{}, err
		}
		if r, err := parseRecord(line); err == nil {
			return r, nil
		}
	}
}

// line gives a line without its newline. A longer one than any record comes
// in pieces.
func (s *scanner) line() ([]byte, error) {
	for {
		unread := s.buf[s.start:s.end]
		if n := bytes.IndexByte(unread, '\n'); n >= 0 {
			s.start += n + 1
			return unread[:n], nil
		}
		if len(unread) == len(s.buf) {
			s.start = s.end
			return unread, nil
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

func (s *scanner) fill() error {
	s.end = copy(s.buf, s.buf[s.start:s.end])
	s.start = 0
	n, err := s.file.Read(s.buf[s.end:])
	s.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// rewind begins at the file's start again.
func (s *scanner) rewind() error {
	s.start, s.end = 0, 0
	_, err := s.file.Seek(0, io.SeekStart)
	return err
}

// count tells how many lines end in the file, and whether another has begun.
func (s *scanner) count() (lines int, open bool, err error) {
	for {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			return lines, open, s.rewind()
		}
		if err != nil {
			return lines, open, err
		}
		if open = !r.Full; r.Full {
			lines++
		}
	}
}
