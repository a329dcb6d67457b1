// Package excerpt reads what programs write into pipes that others may hold open for
// longer than the program lives: a probe, a command that is told of events, a container.
//
// It does not know who writes, nor what becomes of the text.
package excerpt

import (
	"io"
	"os"
	"time"
)

// Excerpt is a pipe of which the beginning is kept. The rest passes, so that no program
// is held up by its own output.
type Excerpt struct {
	// Write is the program's end.
	Write *os.File

	read  *os.File
	limit int
	kept  []byte
	done  chan struct{}
}

// New makes a pipe of which limit bytes are kept. The caller has to close it.
func New(limit int) (*Excerpt, error) {
	e := &Excerpt{limit: limit, done: make(chan struct{})}
	var err error
	if e.read, e.Write, err = os.Pipe(); err != nil {
		return nil, err
	}
	go func() {
		defer close(e.done)
		_, _ = io.Copy(keeper{e}, e.read) // ends by the end of file, or when Text is called
	}()
	return e, nil
}

// keeper takes what there is room for.
type keeper struct{ *Excerpt }

func (k keeper) Write(p []byte) (int, error) {
	k.kept = append(k.kept, p[:min(k.limit-len(k.kept), len(p))]...)
	return len(p), nil
}

// Text is the beginning of what was written by a program that has ended: all of that
// was read, or is in the pipe. What the program left behind may still hold the pipe, and
// is not waited for. It is called once.
func (e *Excerpt) Text() string {
	e.Write.Close()
	_ = e.read.SetReadDeadline(time.Now())
	<-e.done
	// On a busy machine the deadline was over before the first read.
	Rest(e.read, make([]byte, 4<<10), e.limit-len(e.kept), func(p []byte) { _, _ = keeper{e}.Write(p) })
	return string(e.kept)
}

// Close also ends the reading.
func (e *Excerpt) Close() {
	e.Write.Close()
	e.read.Close()
	<-e.done
}
