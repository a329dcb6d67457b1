package namespaces

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// streamSocket are the flags of every socket made here: nonblocking, for Go's
// poller, and closed on execve.
const streamSocket = unix.SOCK_STREAM | unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC

// socket makes a stream socket in the peer's network namespace. Once made it
// belongs to that namespace for good, whoever uses it (network_namespaces(7)).
//
// A thread enters the namespace and comes back, for which it needs
// CAP_SYS_ADMIN here and in the user namespace that owns the network. If it has
// not, as in a rootless supervisor, a child enters both. Either way costs more
// than a socket: so some more are made on the way.
func (p *Peer) socket(domain int) (int, error) {
	if p.net == nil {
		return socket(domain)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if spare := p.spare[domain]; len(spare) > 0 {
		p.spare[domain] = spare[1:]
		return spare[0], nil
	}
	fds, err := socketsByThread(p.net, domain, spareSockets)
	if errors.Is(err, unix.EPERM) {
		fds, err = lendSockets(p.net, domain, spareSockets)
	}
	if err != nil {
		return -1, err
	}
	if p.spare == nil {
		p.spare = make(map[int][]int)
	}
	p.spare[domain] = fds[1:]
	return fds[0], nil
}

// spareSockets is how many sockets are made at a time. One that is not used yet
// holds about 4 KiB of the kernel's memory.
const spareSockets = 8

func socket(domain int) (int, error) {
	fd, err := unix.Socket(domain, streamSocket, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	return fd, nil
}

// sockets makes n of them.
func sockets(domain, n int) (fds []int, err error) {
	for range n {
		fd, err := socket(domain)
		if err != nil {
			closeAll(fds)
			return nil, err
		}
		fds = append(fds, fd)
	}
	return fds, nil
}

// socketsByThread lends itself a thread. One that could not come back is not
// given back to Go: it ends with its goroutine, or is left idle for ever if it
// is the main one.
func socketsByThread(netns *os.File, domain, n int) (fds []int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		home, e := enterNet(netns)
		if e != nil {
			err = e
			runtime.UnlockOSThread()
			return
		}
		defer unix.Close(home)
		fds, err = sockets(domain, n)
		if unix.Setns(home, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
	}()
	<-done
	return fds, err
}

// enterNet moves the calling thread, and returns the namespace that it was in.
func enterNet(netns *os.File) (home int, err error) {
	home, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open own network namespace: %w", err)
	}
	if err := unix.Setns(int(netns.Fd()), unix.CLONE_NEWNET); err != nil {
		unix.Close(home)
		return -1, fmt.Errorf("setns net: %w", err)
	}
	return home, nil
}
