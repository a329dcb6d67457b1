package logs

import (
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// Line is one of Last's.
type Line struct {
	Time   time.Time // when its first part was written
	Stream Stream
	Text   string
}

const (
	// lastBytes is how much of each of the two newest files Last looks at.
	lastBytes = 64 << 10
	// lastText is how much of a line it gives, in bytes.
	lastText = 512
)

// Last gives the last n lines that a program has written since a time, the
// oldest first and without mini's own words. It reads a bounded part of the log
// from its end, and gives the beginnings of long lines: it is for the account
// of a death, which must not take long.
func Last(dir string, n int, since time.Time) ([]Line, error) {
	var lines []Line
	for i := range 2 {
		f, err := os.Open(path(dir, i))
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, err
		}
		older, err := end(f, since)
		f.Close()
		if err != nil {
			return nil, err
		}
		if lines = append(older, lines...); len(lines) >= n {
			break
		}
	}
	return slices.Clone(lines[max(0, len(lines)-n):]), nil
}

// end gives the program's lines at the end of a file.
func end(f *os.File, since time.Time) (lines []Line, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := newScanner(f)
	if skip := info.Size() - lastBytes; skip > 0 {
		if _, err := f.Seek(skip, io.SeekStart); err != nil {
			return nil, err
		}
		if _, err := s.line(); err != nil { // the rest of one
			return nil, ignoreEOF(err)
		}
	}
	var open [2]*Line // begun, by stream
	for {
		r, err := s.next()
		if err != nil {
			return finish(lines, open), ignoreEOF(err)
		}
		if r.Stream == Mini || r.Time.Before(since) {
			continue
		}
		l := open[r.Stream]
		if l == nil {
			l = &Line{Time: r.Time, Stream: r.Stream}
		}
		l.Text += string(r.Text[:min(len(r.Text), lastText-len(l.Text))])
		if open[r.Stream] = l; r.Full {
			lines, open[r.Stream] = append(lines, *l), nil
		}
	}
}

// finish adds the lines that have no end.
func finish(lines []Line, open [2]*Line) []Line {
	for _, l := range open {
		if l != nil {
			lines = append(lines, *l)
		}
	}
	return lines
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
