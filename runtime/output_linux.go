package runtime

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/logs"
)

// output is what one run of a detached container writes: two pipes, or a
// terminal.
type output struct {
	hub     *hub
	sources []*os.File
	ends    []*os.File // the program's ends of the pipes, and nothing to read
	pumps   sync.WaitGroup
}

// open gives the container's init its descriptors, which are pipes to us. A
// terminal it makes itself.
func (h *hub) open(p *Plan) (*output, error) {
	o := &output{hub: h}
	if p.terminal != nil {
		return o, nil
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	o.ends = []*os.File{null}
	for _, s := range []logs.Stream{logs.Stdout, logs.Stderr} {
		if err := o.pipe(s); err != nil {
			return nil, errors.Join(err, o.drain())
		}
	}
	p.std = [3]*os.File(o.ends)
	return o, nil
}

func (o *output) pipe(s logs.Stream) error {
	if o.hub.named != nil {
		return o.fifo(s)
	}
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	o.ends = append(o.ends, os.NewFile(uintptr(fds[1]), s.String())) // blocking, as programs expect it
	return o.read(s, fds[0])
}

// read begins to pass on what comes out of fd.
func (o *output) read(s logs.Stream, fd int) error {
	f, err := nonblocking(fd, s.String())
	if err != nil {
		return err
	}
	o.sources = append(o.sources, f)
	o.pumps.Go(func() { o.hub.pump(s, f) })
	return nil
}

// given closes the program's ends, once init has them: their end is the end of
// the output.
func (o *output) given() {
	closeFiles(o.ends)
	o.ends = nil
}

// terminal takes the master that init has sent. The container's own descriptor
// of it stays the container's.
func (o *output) terminal(pty *os.File) error {
	if pty == nil {
		return nil
	}
	fd, err := unix.FcntlInt(pty.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("duplicate the terminal's master: %w", err)
	}
	if err := o.read(logs.Stdout, fd); err != nil {
		return err
	}
	h := o.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	h.master = o.sources[0]
	h.fit()
	return nil
}

// drain is for a program that has ended: it waits until all it has written was
// passed on. Something that it left behind is not waited for.
func (o *output) drain() error {
	o.given()
	timer := time.AfterFunc(lull, func() {
		for _, f := range o.sources {
			_ = f.SetReadDeadline(time.Unix(1, 0))
		}
	})
	o.pumps.Wait()
	timer.Stop()
	o.hub.mu.Lock()
	o.hub.master = nil
	o.hub.mu.Unlock()
	closeFiles(o.sources)
	return nil
}
