package namespaces

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// An ordinary user has all power over the user namespaces of theirs, but only after
// entering them, which a process of several threads may not (setns(2): EINVAL). So a
// hand enters, makes sockets with what may be done there, gives them to us and ends.
// Nobody in there may look into it: see Child.dumpable.

// lendSockets has sockets made in netns, as root of the user namespace that owns
// it.
func lendSockets(netns *os.File, domain, n int) (fds []int, err error) {
	owner, err := unix.IoctlRetInt(int(netns.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		return nil, fmt.Errorf("find the owner of the network namespace: ioctl NS_GET_USERNS: %w", err)
	}
	user := os.NewFile(uintptr(owner), "user namespace")
	defer user.Close()
	if ours, err := isOurs(owner, "user"); err != nil || ours {
		return nil, errors.Join(fmt.Errorf("setns net: %w", unix.EPERM), err) // nothing to gain there
	}
	err = errand(func(l *calls.List) {
		in := l.Lend(user, netns)
		l.Call("setns user", unix.SYS_SETNS, in[0], calls.N(unix.CLONE_NEWUSER))
		l.Call("setns net", unix.SYS_SETNS, in[1], calls.N(unix.CLONE_NEWNET))
		for range n {
			s := l.Call("socket", unix.SYS_SOCKET, calls.N(domain), calls.N(streamSocket), calls.N(0))
			l.Give(s.Arg(), func(fd int) { fds = append(fds, fd) })
		}
	})
	if err != nil {
		closeAll(fds)
		return nil, err
	}
	return fds, nil
}

// lendPath connects to the unix socket at path below root, as root of a user
// namespace: for files that belong to ids which are not ours.
func lendPath(user, root *os.File, path string) (fd int, err error) {
	const at = 100 // a number that is free
	fd = -1
	err = errand(func(l *calls.List) {
		in := l.Lend(user, root)
		l.Call("setns user", unix.SYS_SETNS, in[0], calls.N(unix.CLONE_NEWUSER))
		takeRoot(l, true)
		file := l.Openat2(in[1], path, pathHow)
		l.Call("dup3", unix.SYS_DUP3, file.Arg(), calls.N(at), calls.N(0))
		s := l.Call("socket", unix.SYS_SOCKET, calls.N(unix.AF_UNIX), calls.N(streamSocket), calls.N(0))
		to, size := unixAddress(l, "/proc/self/fd/"+strconv.Itoa(at))
		l.Call("connect", unix.SYS_CONNECT, s.Arg(), to, size)
		l.Give(s.Arg(), func(n int) { fd = n })
	})
	return fd, err
}

// unixAddress is a struct sockaddr_un of a short path, and its size.
func unixAddress(l *calls.List, path string) (address, size calls.Arg) {
	text := append([]byte{unix.AF_UNIX, 0}, path...)
	return l.Memory(append(text, 0)).Arg(), calls.N(len(text) + 1)
}

// errand has a hand that is where we are do a list, and end.
func errand(compose func(*calls.List)) error {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	defer theirs.Close()
	c := &Child{Hand: calls.Hand{Socket: ours, There: 3}, Files: []*os.File{nil, nil, nil, theirs}}
	if err := c.fork(route{}, nil); err != nil {
		return errors.Join(err, c.Abort())
	}
	theirs.Close() // or we would not see the end of it
	l := c.hand.Errand()
	l.Prctl("PR_SET_DUMPABLE", unix.PR_SET_DUMPABLE, calls.N(0))
	compose(l)
	return errors.Join(l.Flush(), c.Abort())
}
