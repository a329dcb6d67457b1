package logs

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Stream says who wrote a record.
type Stream uint8

const (
	Stdout Stream = iota // the program, on descriptor 1 or a terminal
	Stderr               // the program, on descriptor 2
	Mini                 // the supervisor: a line about the container
)

var streamNames = [...]string{"stdout", "stderr", "mini"}

func (s Stream) String() string { return streamNames[s] }

// Record is a line of what was written, or a part of one.
type Record struct {
	Time   time.Time // UTC
	Stream Stream
	Full   bool   // Text ends a line; its newline is not part of it
	Text   []byte // valid until the next record is read
}

const (
	// maxText is how many bytes of text one record has at most: longer lines
	// become parts.
	maxText = 8 << 10
	// maxHead is more than any record needs beside its text.
	maxHead   = 64
	maxRecord = maxText + maxHead
)

// head is what the records of one moment and stream begin with.
func head(now time.Time, s Stream) []byte {
	return append(now.UTC().AppendFormat(nil, time.RFC3339Nano), " "+s.String()...)
}

// appendRecord adds the record of p's first line, or of what there is of it,
// and gives the rest of p.
func appendRecord(dst, head, p []byte) (record, rest []byte) {
	text, tag := p[:min(len(p), maxText)], " P "
	rest = p[len(text):]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text, rest, tag = p[:end], p[end+1:], " F "
	}
	dst = append(dst, head...)
	dst = append(dst, tag...)
	dst = append(dst, text...)
	return append(dst, '\n'), rest
}

var errFields = errors.New("want time, stream, F or P, and text")

// parseRecord reads a line of a file, without its newline.
func parseRecord(line []byte) (r Record, err error) {
	when, rest, ok1 := bytes.Cut(line, []byte(" "))
	stream, rest, ok2 := bytes.Cut(rest, []byte(" "))
	tag, text, ok3 := bytes.Cut(rest, []byte(" "))
	if !ok1 || !ok2 || !ok3 {
		return r, errFields
	}
	if r.Time, err = time.Parse(time.RFC3339Nano, string(when)); err != nil {
		return r, err
	}
	if r.Stream, err = parseStream(string(stream)); err != nil {
		return r, err
	}
	if r.Full = string(tag) == "F"; !r.Full && string(tag) != "P" {
		return r, errFields
	}
	r.Text = text
	return r, nil
}

func parseStream(name string) (Stream, error) {
	for s, n := range streamNames {
		if n == name {
			return Stream(s), nil
		}
	}
	return 0, fmt.Errorf("no such stream: %q", name)
}
