package notify

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// newSocket makes a datagram socket that never blocks: Go's poller waits for it.
func newSocket() (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	return fd, nil
}
