package calls

import "golang.org/x/sys/unix"

// Sethostname is sethostname(2).
func (l *List) Sethostname(name string) Ref {
	return l.Call("sethostname", unix.SYS_SETHOSTNAME, l.Text(name), N(len(name)))
}

// Setdomainname is setdomainname(2).
func (l *List) Setdomainname(name string) Ref {
	return l.Call("setdomainname", unix.SYS_SETDOMAINNAME, l.Text(name), N(len(name)))
}

// Socket is socket(2), always close-on-exec.
func (l *List) Socket(domain, kind, protocol int) Ref {
	return l.Call("socket", unix.SYS_SOCKET, N(domain), N(kind|unix.SOCK_CLOEXEC), N(protocol))
}

// Ioctl is ioctl(2) of the request with that name.
func (l *List) Ioctl(name string, fd Arg, request uint, arg Arg) Ref {
	return l.Call("ioctl "+name, unix.SYS_IOCTL, fd, N(request), arg)
}

// Dup3 is dup3(2), without close-on-exec.
func (l *List) Dup3(fd Arg, to int) Ref {
	return l.Call("dup3", unix.SYS_DUP3, fd, N(to), N(0))
}
