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
		older, open, err := end(f, since)
		f.Close()
		if err != nil {
			return nil, err
		}
		if lines = join(older, open, lines); len(lines) >= n {
			break
		}
	}
	return slices.Clone(lines[max(0, len(lines)-n):]), nil
}

// end gives the program's lines at the end of a file, and those that have no end
// there, by stream.
func end(f *os.File, since time.Time) (lines []Line, open [2]*Line, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, open, err
	}
	s := newScanner(f)
	if skip := info.Size() - lastBytes; skip > 0 {
		if _, err := f.Seek(skip, io.SeekStart); err != nil {
			return nil, open, err
		}
		if _, err := s.line(); err != nil { // the rest of one
			return nil, open, ignoreEOF(err)
		}
	}
	for {
		r, err := s.next()
		if err != nil {
			return lines, open, ignoreEOF(err)
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

// join puts the lines of a file before those of the next. What had no end may have
// it there.
func join(older []Line, open [2]*Line, newer []Line) []Line {
	for s, begun := range open {
		if begun == nil {
			continue
		}
		i := slices.IndexFunc(newer, func(l Line) bool { return l.Stream == Stream(s) })
		if i < 0 {
			older = append(older, *begun)
			continue
		}
		text := begun.Text + newer[i].Text
		newer[i].Time, newer[i].Text = begun.Time, text[:min(len(text), lastText)]
	}
	return append(older, newer...)
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
