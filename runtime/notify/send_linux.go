package notify

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Send tells the service manager at address, which is what NOTIFY_SOCKET says:
// a path, or @NAME for an abstract socket of our network namespace; "" is nobody,
// and no error. It never waits: EAGAIN says that the manager does not read.
func Send(address string, m Message) error {
	if address == "" {
		return nil
	}
	fd, err := newSocket()
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	err = deliver(fd, address, m.Encode())
	if err != nil {
		return fmt.Errorf("tell %s: %w", address, err)
	}
	return nil
}

func deliver(fd int, address string, datagram []byte) error {
	switch {
	case strings.HasPrefix(address, "@"):
		return unix.Sendto(fd, datagram, unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: address})
	case strings.HasPrefix(address, "/"):
		return deliverAt(fd, address, datagram)
	}
	return fmt.Errorf("not a path nor an abstract socket: %w", unix.EAFNOSUPPORT)
}

// deliverAt goes by a descriptor of the socket: an address has room for 108
// bytes (unix(7)), a path may have thousands.
func deliverAt(fd int, path string, datagram []byte) error {
	at, err := os.OpenFile(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.Unwrap(err) // the path is said by Send
	}
	defer at.Close()
	to := &unix.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d", at.Fd())}
	return unix.Sendto(fd, datagram, unix.MSG_NOSIGNAL, to)
}
