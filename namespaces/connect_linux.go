package namespaces

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// connect takes over a nonblocking socket and connects it. Over loopback that is
// done when the first call returns; else Go's poller tells when to look again.
func connect(ctx context.Context, fd int, to unix.Sockaddr, name string) (*os.File, error) {
	err := unix.Connect(fd, to)
	f := os.NewFile(uintptr(fd), name)
	if inProgress(err) {
		err = await(ctx, f, to)
	}
	if err == nil && toItself(fd, to) {
		err = unix.ECONNREFUSED
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("connect %s: %w", name, err)
	}
	return f, nil
}

// toItself says whether a TCP socket has met itself: where nobody listens, and the
// kernel happened to choose that very port for our end, a connection to the own
// machine is one of the two that both began it (RFC 9293, 3.5).
func toItself(fd int, to unix.Sockaddr) bool {
	own, err := unix.Getsockname(fd)
	if err != nil {
		return false
	}
	switch to := to.(type) {
	case *unix.SockaddrInet4:
		own, ok := own.(*unix.SockaddrInet4)
		return ok && own.Port == to.Port && own.Addr == to.Addr
	case *unix.SockaddrInet6:
		own, ok := own.(*unix.SockaddrInet6)
		return ok && own.Port == to.Port && own.Addr == to.Addr
	}
	return false
}

func inProgress(err error) bool {
	return err == unix.EINPROGRESS || err == unix.EALREADY || err == unix.EINTR
}

// await calls connect again whenever the socket has become writable: then it
// says how the first call ended (connect(2), EALREADY and EISCONN).
func await(ctx context.Context, f *os.File, to unix.Sockaddr) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetDeadline(time.Unix(1, 0)) })
	var last error
	err = raw.Write(func(fd uintptr) bool {
		last = unix.Connect(int(fd), to)
		return !inProgress(last)
	})
	switch {
	case !stop():
		return ctx.Err()
	case err != nil:
		return err
	case errors.Is(last, unix.EISCONN):
		return nil
	}
	return last
}

// connectPath connects to the socket at path below root. The path is resolved
// once; what was found is addressed by its descriptor, which also makes room for
// paths longer than the 107 bytes of an address (unix(7)).
func connectPath(root int, path string) (int, error) {
	file, err := openPath(root, path)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	defer unix.Close(file)
	fd, err := socket(unix.AF_UNIX)
	if err != nil {
		return -1, err
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: descriptorPath(file)}); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("connect %s: %w", path, err)
	}
	return fd, nil
}

func descriptorPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// openPath tries again while something above the file is being renamed
// (openat2(2), EAGAIN), but not for ever: that may be done on purpose.
func openPath(root int, path string) (fd int, err error) {
	for range 100 {
		how := pathHow
		fd, err = unix.Openat2(root, path, &how)
		if err != unix.EAGAIN && err != unix.EINTR {
			return fd, err
		}
	}
	return -1, unix.EBUSY
}
