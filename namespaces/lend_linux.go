package namespaces

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A loan is a child that enters a user namespace, makes sockets with what may
// be done there, sends them to us and ends. An ordinary user has all power over
// the user namespaces of theirs, but only after entering them, which a process
// of several threads may not (setns(2): EINVAL). So it is the raw fork, without
// an execve: a few system calls of a copy of us, which nobody in there may look
// into (see writer.start). It takes about a millisecond.
//
// What the child opens gets numbers that are known before: it makes the lowest
// free, and the kernel gives out the lowest that is free.
type loan struct {
	child Child
	res   resources
	extra []int // descriptors that the child uses, above the numbers that it gives out
}

// newLoan is one of a child that opens so many descriptors.
func newLoan(opens int) *loan {
	return &loan{
		child: Child{Files: make([]*os.File, opens)}, // which keeps other descriptors above
		res:   resources{parentEnd: -1, childEnd: -1, exe: -1, cgroup: -1, self: -1},
	}
}

// lendSockets has sockets made in netns, as root of the user namespace that owns
// it.
func lendSockets(netns *os.File, domain, n int) ([]int, error) {
	owner, err := unix.IoctlRetInt(int(netns.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		return nil, fmt.Errorf("find the owner of the network namespace: ioctl NS_GET_USERNS: %w", err)
	}
	defer unix.Close(owner)
	if ours, err := isOurs(owner, "user"); err != nil || ours {
		return nil, errors.Join(fmt.Errorf("setns net: %w", unix.EPERM), err) // nothing to gain there
	}
	l := newLoan(n)
	defer l.close()
	user, err1 := l.copy(owner)
	net, err2 := l.copy(int(netns.Fd()))
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return l.get(func(w *writer) error {
		w.add("setns user", must, unix.SYS_SETNS, user, unix.CLONE_NEWUSER)
		w.add("setns net", must, unix.SYS_SETNS, net, unix.CLONE_NEWNET)
		w.makeFree(n)
		fds := make([]int, n)
		for i := range fds {
			fds[i] = i
			w.add("socket", must, unix.SYS_SOCKET, uintptr(domain), streamSocket, 0)
		}
		w.send(fds...)
		return nil
	})
}

// lendPath connects to the unix socket at path below root, as root of a user
// namespace: for files that belong to ids which are not ours.
func lendPath(user, root int, path string) (int, error) {
	const file, sock = 0, 1
	l := newLoan(2)
	defer l.close()
	ns, err1 := l.copy(user)
	dir, err2 := l.copy(root)
	name, err3 := unix.BytePtrFromString(path)
	if err := errors.Join(err1, err2, err3); err != nil {
		return -1, err
	}
	fds, err := l.get(func(w *writer) error {
		w.add("setns user", must, unix.SYS_SETNS, ns, unix.CLONE_NEWUSER)
		w.becomeRoot(route{root: true, setgroups: true})
		w.makeFree(2)
		how := pathHow
		w.add("openat2", must, unix.SYS_OPENAT2, dir, pin(w, name), pin(w, &how), unsafe.Sizeof(how))
		w.add("socket", must, unix.SYS_SOCKET, unix.AF_UNIX, streamSocket, 0)
		to, size := w.unixAddress(descriptorPath(file))
		w.add("connect", must, unix.SYS_CONNECT, sock, to, size)
		w.send(sock)
		return nil
	})
	if err != nil {
		return -1, err
	}
	return fds[0], nil
}

// makeFree closes the descriptors below n.
func (w *writer) makeFree(n int) {
	w.add("close_range", must, unix.SYS_CLOSE_RANGE, 0, uintptr(n-1), 0)
}

// unixAddress is a struct sockaddr_un of a short path, and its size.
func (w *writer) unixAddress(path string) (address, size uintptr) {
	a := &unix.RawSockaddrUnix{Family: unix.AF_UNIX}
	for i := range path {
		a.Path[i] = int8(path[i])
	}
	return pin(w, a), unsafe.Offsetof(a.Path) + uintptr(len(path)) + 1
}

func (l *loan) close() {
	l.res.close()
	closeAll(l.extra)
}

// copy gives a descriptor a number that is not in the way.
func (l *loan) copy(fd int) (uintptr, error) {
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, len(l.child.Files))
	if err != nil {
		return 0, fmt.Errorf("fcntl F_DUPFD_CLOEXEC: %w", err)
	}
	l.extra = append(l.extra, high)
	return uintptr(high), nil
}

// get runs the child and returns what it sent.
func (l *loan) get(steps func(*writer) error) (fds []int, err error) {
	err = l.child.fork(&l.res, func(w *writer) error {
		w.clone3(0, -1)
		w.sock = uintptr(l.res.childEnd)
		w.start(route{}, &l.res)
		return steps(w)
	})
	if err != nil {
		return nil, err
	}
	fds, err = l.child.receiveFiles()
	return fds, errors.Join(err, l.child.Abort())
}

// send adds the step that sends descriptors of the child over the link.
func (w *writer) send(fds ...int) {
	ready := &message{kind: messageReady}
	control := unix.UnixRights(fds...)
	data := &unix.Iovec{Base: (*byte)(unsafe.Pointer(ready)), Len: uint64(unsafe.Sizeof(*ready))}
	header := &unix.Msghdr{Iov: data, Iovlen: 1, Control: &control[0]}
	header.SetControllen(len(control))
	pin(w, ready)
	pin(w, data)
	pin(w, &control[0])
	w.add("sendmsg", must, unix.SYS_SENDMSG, w.sock, pin(w, header), unix.MSG_NOSIGNAL)
}

// receiveFiles takes descriptors from the child, or the reason why there are none.
func (c *Child) receiveFiles() ([]int, error) {
	var m message
	buf := unsafe.Slice((*byte)(unsafe.Pointer(&m)), unsafe.Sizeof(m))
	control := make([]byte, unix.CmsgSpace(4*len(c.Files)))
	n, cn, _, _, err := unix.Recvmsg(c.link, buf, control, unix.MSG_CMSG_CLOEXEC)
	for err == unix.EINTR {
		n, cn, _, _, err = unix.Recvmsg(c.link, buf, control, unix.MSG_CMSG_CLOEXEC)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("recvmsg: %w", err)
	case n == 0:
		return nil, fmt.Errorf("the process was killed on its way: %w", io.ErrUnexpectedEOF)
	case m.kind != messageReady:
		return nil, c.failure(m)
	}
	return rights(control[:cn])
}

// rights are the descriptors in a control message (unix(7), SCM_RIGHTS).
func rights(control []byte) ([]int, error) {
	list, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, fmt.Errorf("parse control message: %w", err)
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("no descriptor came: %w", unix.EPROTO)
	}
	return unix.ParseUnixRights(&list[0])
}
