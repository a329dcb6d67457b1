package runtime

import (
	"io"
	"os"
	"time"

	"mini/health"
)

// capture keeps the beginning of what a probe writes and lets the rest pass,
// so that no probe is held up by its own output.
type capture struct {
	null, read, write *os.File
	kept              []byte
	done              chan struct{}
}

func newCapture() (*capture, error) {
	c := &capture{done: make(chan struct{})}
	var err error
	if c.null, err = os.Open(os.DevNull); err != nil {
		return nil, err
	}
	if c.read, c.write, err = os.Pipe(); err != nil {
		c.null.Close()
		return nil, err
	}
	go func() {
		defer close(c.done)
		_, _ = io.Copy(c, c.read) // ends by the end of file, or by text's deadline
	}()
	return c, nil
}

// Write keeps what there is room for.
func (c *capture) Write(p []byte) (int, error) {
	room := health.MaxOutput - len(c.kept)
	c.kept = append(c.kept, p[:min(room, len(p))]...)
	return len(p), nil
}

// text is what was written. Children that the probe left behind may hold the
// pipe open; they are not waited for.
func (c *capture) text() string {
	c.write.Close()
	_ = c.read.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	<-c.done
	return string(c.kept)
}

func (c *capture) close() {
	for _, f := range []*os.File{c.null, c.read, c.write} {
		f.Close()
	}
	<-c.done
}
