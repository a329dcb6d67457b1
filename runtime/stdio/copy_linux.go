package stdio

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// drainLimit is how much output, in bytes, is still taken from a terminal after
// Finish: far more than a terminal can hold, so that only a process that goes
// on writing can reach it.
const drainLimit = 1 << 20

// toMaster copies what is typed, until in ends or wake is closed at its other
// end. in may be blocking; master is not.
func toMaster(master, in, wake int) {
	buf := make([]byte, 4096)
	for ready(in, unix.POLLIN, wake) {
		n, err := unix.Read(in, buf)
		if retry(err) {
			continue
		}
		if n <= 0 || !writeMaster(master, wake, buf[:n]) {
			return
		}
	}
}

// writeMaster gives up if it is woken, or nobody holds the terminal.
func writeMaster(master, wake int, b []byte) bool {
	for len(b) > 0 {
		if !ready(master, unix.POLLOUT, wake) {
			return false
		}
		n, err := unix.Write(master, b)
		if err != nil && !retry(err) {
			return false
		}
		b = b[max(n, 0):]
	}
	return true
}

// fromMaster copies output until nobody holds the terminal any more (EIO), or,
// once woken, until there is none. If out fails it goes on reading, so that the
// program does not hang, and returns the first error.
func fromMaster(master, wake int, out io.Writer) error {
	var failed error
	buf := make([]byte, 32<<10)
	left := drainLimit
	for draining := false; left > 0; {
		if !draining && !ready(master, unix.POLLIN, wake) {
			draining = true
		}
		n, err := unix.Read(master, buf)
		switch {
		case errors.Is(err, unix.EAGAIN) && draining:
			return failed
		case retry(err):
			continue
		case n <= 0:
			return failed
		}
		if draining {
			left -= n
		}
		if failed == nil {
			_, failed = out.Write(buf[:n])
		}
	}
	return failed
}

// ready waits for fd, and says false if wake came first.
func ready(fd int, events int16, wake int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}, {Fd: int32(wake), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if err == nil {
			return fds[1].Revents == 0
		}
		if !errors.Is(err, unix.EINTR) {
			return false
		}
	}
}

// retry tells errors that are none.
func retry(err error) bool {
	return errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN)
}
