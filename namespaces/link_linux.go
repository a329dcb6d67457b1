package namespaces

import (
	"errors"
	"fmt"
	"io"
	"unsafe"

	"golang.org/x/sys/unix"
)

// awaitReady waits for the helper to have entered and made its namespaces.
func (c *Child) awaitReady() error {
	m, err := c.receive()
	if err == nil && m.kind != messageReady {
		err = c.failure(m)
	}
	if err == io.EOF {
		err = errors.New("the process was killed on its way")
	}
	if err != nil {
		return errors.Join(err, c.Abort())
	}
	return nil
}

// follow reads what the child has to say until its end of the link is closed,
// which an execve does. It returns the pid of the second process, if there is one.
func (c *Child) follow() (pid int, err error) {
	for {
		m, e := c.receive()
		switch {
		case e == io.EOF:
			return pid, err
		case e != nil:
			return pid, e
		case m.kind == messagePid:
			pid = int(m.value)
		default:
			err = c.failure(m)
		}
	}
}

// receive reads one message, io.EOF if the child closed its end.
func (c *Child) receive() (message, error) {
	var m message
	buf := unsafe.Slice((*byte)(unsafe.Pointer(&m)), unsafe.Sizeof(m))
	for {
		n, err := unix.Read(c.link, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECONNRESET:
			continue // said once if it ended without reading our go; its words come next
		case err != nil:
			return m, fmt.Errorf("read: %w", err)
		case n == 0:
			return m, io.EOF
		}
		return m, nil
	}
}

// failure is the error the child met, under the name of the step.
func (c *Child) failure(m message) error {
	if m.kind != messageError || m.step >= uintptr(len(c.names)) {
		return fmt.Errorf("unexpected message %d", m.kind)
	}
	return fmt.Errorf("%s: %w", c.names[m.step], unix.Errno(m.value))
}
