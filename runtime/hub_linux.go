package runtime

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/control"
	"mini/runtime/excerpt"
	"mini/runtime/logs"
	"mini/runtime/state"
)

// hub is where the output of a detached container comes together: it goes to
// the log and to all who are attached, and what those type goes to its terminal.
type hub struct {
	log   *logs.Writer
	named *state.Dir // of the pipes, if they are to outlive us; nil: they have no names

	mu      sync.Mutex
	clients []*os.File
	master  *os.File // of the terminal; nil between two runs, and without one
	size    control.Size
	over    *control.Reply // the end has come
}

const (
	// patience is how long a client may leave output lying, and so hold the
	// program up. After that it is let go.
	patience = 2 * time.Second
	// drainLimit is how many bytes are still taken from a program that has ended
	// when something it left behind goes on writing.
	drainLimit = 1 << 20
	// lull is how long to wait for such a thing to end.
	lull = 100 * time.Millisecond
)

// put passes output on.
func (h *hub) put(s logs.Stream, p []byte) {
	if len(p) == 0 {
		return
	}
	h.log.Write(s, p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) == 0 {
		return
	}
	f := control.Frame{Kind: control.KindOutput, Body: p}
	if s == logs.Stderr {
		f.Kind = control.KindError
	}
	h.clients = slices.DeleteFunc(h.clients, func(c *os.File) bool { return !deliver(c, f) })
}

// deliver hands a frame to a client that takes it in time, or hangs up.
func deliver(c *os.File, f control.Frame) bool {
	_ = c.SetWriteDeadline(time.Now().Add(patience))
	if f.Write(c) == nil {
		return true
	}
	_ = unix.Shutdown(descriptor(c), unix.SHUT_RDWR) // who reads from it closes it
	return false
}

// join adds a client. One that comes too late gets the end at once.
func (h *hub) join(c *os.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over != nil {
		farewell(c, *h.over)
		return
	}
	h.clients = append(h.clients, c)
}

func (h *hub) leave(c *os.File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients = slices.DeleteFunc(h.clients, func(other *os.File) bool { return other == c })
}

// end tells all clients how it ended.
func (h *hub) end(r control.Reply) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = &r
	for _, c := range h.clients {
		farewell(c, r)
	}
	h.clients = nil
}

func farewell(c *os.File, r control.Reply) {
	if f, err := control.JSON(control.KindReply, r); err == nil {
		deliver(c, f)
	}
}

// input goes to the terminal. It waits as long as the program reads nothing.
func (h *hub) input(p []byte) {
	h.mu.Lock()
	master := h.master
	h.mu.Unlock()
	if master != nil {
		_, _ = master.Write(p) // ended meanwhile: nobody is left to read it
	}
}

// resize gives the terminal, this one and those of later runs, the size of the
// last client that has told one.
func (h *hub) resize(size control.Size) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.size = size
	h.fit()
}

// fit is called with the lock held.
func (h *hub) fit() {
	if h.master != nil && h.size != (control.Size{}) {
		size := unix.Winsize{Row: h.size.Rows, Col: h.size.Columns}
		_ = unix.IoctlSetWinsize(descriptor(h.master), unix.TIOCSWINSZ, &size)
	}
}

// pump passes on all that comes out of f, to its end.
func (h *hub) pump(s logs.Stream, f *os.File) {
	buf := make([]byte, 8<<10)
	for {
		n, err := f.Read(buf)
		h.put(s, buf[:n])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			excerpt.Rest(f, buf, drainLimit, func(p []byte) { h.put(s, p) })
			return
		}
		if err != nil { // io.EOF, or EIO of a terminal that nobody holds
			return
		}
	}
}

// nonblocking makes a file that the Go runtime waits for without a thread.
func nonblocking(fd int, name string) (*os.File, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("set %s non-blocking: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// descriptor is f's, which stays non-blocking, as it would not by Fd.
func descriptor(f *os.File) (fd int) {
	fd = -1
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(n uintptr) { fd = int(n) })
	}
	return fd
}
