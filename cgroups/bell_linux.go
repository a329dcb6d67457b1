package cgroups

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A bell rings when one of some files of a cgroup has news: EPOLLPRI, which
// Go's poller does not ask for. So it asks for an epoll of ours which does
// (epoll(7) nests), and a goroutine waits, not a thread.
//
// To nest costs the answer to "which one": when the outer epoll looks at the
// inner one, that looks at the files, and a pressure trigger is reset by the
// look. So a ring says that there was news, and a file of pressure must have a
// bell of its own.
type bell struct {
	epoll *os.File
	rung  chan struct{} // has room for one; closed at the end
	err   error         // why it ended
}

func newBell(files []int) (*bell, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	for i, file := range files {
		e := unix.EpollEvent{Events: unix.EPOLLPRI, Fd: int32(i)}
		if err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, file, &e); err != nil {
			unix.Close(fd)
			return nil, fmt.Errorf("epoll_ctl: %w", err)
		}
	}
	if err := unix.SetNonblock(fd, true); err != nil { // os.NewFile takes it as the wish to be polled
		unix.Close(fd)
		return nil, fmt.Errorf("fcntl O_NONBLOCK: %w", err)
	}
	b := &bell{epoll: os.NewFile(uintptr(fd), "epoll"), rung: make(chan struct{}, 1)}
	raw, err := b.epoll.SyscallConn()
	if err != nil {
		b.epoll.Close()
		return nil, err
	}
	go b.listen(raw)
	return b, nil
}

// listen stays in one call of Read, which asks at first and after each wait:
// between two calls an edge would be lost.
func (b *bell) listen(raw syscall.RawConn) {
	defer close(b.rung)
	first := true
	b.err = raw.Read(func(uintptr) bool {
		if !first {
			b.ring()
		}
		first = false
		return false
	})
}

// ring leaves word for who waits, or will.
func (b *bell) ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// close ends the goroutine.
func (b *bell) close() error {
	err := b.epoll.Close()
	for range b.rung {
	}
	return err
}
