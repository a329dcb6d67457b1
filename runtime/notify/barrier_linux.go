package notify

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Barrier waits until the manager at address has worked off what was sent to it
// before, as sd_notify_barrier(3) does: it gets the end of a pipe, and closes it.
// Who ends right after Send may be gone when the manager looks whose message it
// was, and then it counts for nothing. ETIMEDOUT says that it did not answer.
func Barrier(address string, patience time.Duration) error {
	if address == "" {
		return nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	err = sendBarrier(address, int(write.Fd()))
	write.Close()
	if err != nil {
		return fmt.Errorf("tell %s: barrier: %w", address, err)
	}
	fds := []unix.PollFd{{Fd: int32(read.Fd())}} // POLLHUP comes unasked
	for end := time.Now().Add(patience); ; {
		n, err := unix.Poll(fds, int(max(time.Until(end).Milliseconds(), 0)))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return fmt.Errorf("poll: %w", err)
		case n == 0:
			return fmt.Errorf("%s did not answer within %s: %w", address, patience, unix.ETIMEDOUT)
		default:
			return nil
		}
	}
}

func sendBarrier(address string, fd int) error {
	socket, err := newSocket()
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	name := address
	if strings.HasPrefix(address, "/") {
		at, err := unix.Open(address, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(at)
		name = fmt.Sprintf("/proc/self/fd/%d", at)
	}
	return unix.Sendmsg(socket, Message{Barrier: true}.Encode(), unix.UnixRights(fd), &unix.SockaddrUnix{Name: name}, unix.MSG_NOSIGNAL)
}
