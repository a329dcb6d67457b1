package runtime

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

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
		_, _ = io.Copy(c, c.read) // ends by the end of file, or when text is asked for
	}()
	return c, nil
}

// Write keeps what there is room for.
func (c *capture) Write(p []byte) (int, error) {
	room := health.MaxOutput - len(c.kept)
	c.kept = append(c.kept, p[:min(room, len(p))]...)
	return len(p), nil
}

// text is what was written by the probe, which has ended: it is kept, or in the pipe.
// Children that the probe left behind may hold the pipe open, and are not waited for.
func (c *capture) text() string {
	c.write.Close()
	_ = c.read.SetReadDeadline(time.Now())
	<-c.done
	_ = c.read.SetReadDeadline(time.Time{})
	c.drain()
	return string(c.kept)
}

// drain takes what is in the pipe and fits, and waits for nothing: on a busy machine
// the deadline may be over before the first read.
func (c *capture) drain() {
	raw, err := c.read.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		for buf := make([]byte, health.MaxOutput); len(c.kept) < health.MaxOutput; {
			n, err := unix.Read(int(fd), buf)
			if n <= 0 && err != unix.EINTR {
				break // EAGAIN, or the end
			}
			_, _ = c.Write(buf[:max(n, 0)])
		}
		return true
	})
}

func (c *capture) close() {
	for _, f := range []*os.File{c.null, c.read, c.write} {
		f.Close()
	}
	<-c.done
}
