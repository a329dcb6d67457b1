package namespaces

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// A Peer is where services of another process are to be reached: at the
// addresses of its network namespace, and at the paths below its root. It holds
// the network namespace, so it is to be closed when the process has ended.
type Peer struct {
	pid   int
	pidfd *os.File
	net   *os.File // nil: ours

	mu    sync.Mutex
	spare map[int][]int // sockets in net that are not used yet, by their domain
}

// OpenPeer looks where a running process is. The pidfd stays the caller's, and
// has to be open as long as the Peer is.
func OpenPeer(pid int, pidfd *os.File) (*Peer, error) {
	p := &Peer{pid: pid, pidfd: pidfd}
	f, err := os.Open(p.proc("ns/net"))
	if err != nil {
		return nil, err
	}
	if err := p.alive(); err != nil {
		f.Close()
		return nil, err
	}
	ours, err := isOurs(int(f.Fd()), "net")
	if err != nil || ours {
		f.Close()
		return p, err
	}
	p.net = f
	return p, nil
}

// Close lets go of the network namespace.
func (p *Peer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fds := range p.spare {
		closeAll(fds)
	}
	p.spare = nil
	if p.net == nil {
		return nil
	}
	return p.net.Close()
}

// Dial connects to a service. Networks are "tcp", with addresses as
// "127.0.0.1:80" and "[::1]:80", and "unix" (a stream), with a path as the
// process sees it or the name of an abstract socket after an @. Names of hosts
// are not looked up. Where we may not enter what is the process's, errors.Is
// finds EPERM or EACCES. The file is nonblocking and in Go's poller: its deadlines
// work, and no thread waits with it. Dial returns when ctx is done, with the
// reason.
func (p *Peer) Dial(ctx context.Context, network, address string) (*os.File, error) {
	switch {
	case network == "tcp":
		return p.dialTCP(ctx, address)
	case network == "unix" && strings.HasPrefix(address, "@"):
		return p.dialIn(ctx, unix.AF_UNIX, &unix.SockaddrUnix{Name: address}, "unix "+address)
	case network == "unix":
		return p.dialPath(address)
	}
	return nil, fmt.Errorf("network %q is neither tcp nor unix: %w", network, unix.EAFNOSUPPORT)
}

func (p *Peer) dialTCP(ctx context.Context, address string) (*os.File, error) {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	if ip := a.Addr().Unmap(); ip.Is4() {
		return p.dialIn(ctx, unix.AF_INET, &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}, "tcp "+address)
	}
	if a.Addr().Zone() != "" {
		return nil, fmt.Errorf("%s: an address with a zone: %w", address, unix.EADDRNOTAVAIL)
	}
	return p.dialIn(ctx, unix.AF_INET6, &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}, "tcp "+address)
}

// dialIn connects from a socket in the peer's network namespace.
func (p *Peer) dialIn(ctx context.Context, domain int, to unix.Sockaddr, name string) (*os.File, error) {
	fd, err := p.socket(domain)
	if err != nil {
		return nil, err
	}
	return connect(ctx, fd, to, name)
}

// pathHow resolves a path as the process would: no link and no .. leads out of
// its root.
var pathHow = unix.OpenHow{
	Flags:   unix.O_PATH | unix.O_CLOEXEC,
	Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
}

// dialPath connects to a socket in the file system. It takes no time: a stream
// of AF_UNIX is connected at once or, if the queue is full, not (EAGAIN).
func (p *Peer) dialPath(path string) (*os.File, error) {
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	fd, err := connectPath(int(root.Fd()), path)
	if errors.Is(err, unix.EACCES) {
		fd, err = p.lendPath(root, path, err)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "unix "+path), nil
}

// lendPath tries what denied says that we may not, as root of the process's
// user namespace, if that is another than ours.
func (p *Peer) lendPath(root *os.File, path string, denied error) (int, error) {
	differ, err := differing(p.pid)
	if err != nil || differ&newUser == 0 {
		return -1, errors.Join(denied, err)
	}
	user, err := os.Open(p.proc("ns/user"))
	if err != nil {
		return -1, fmt.Errorf("open user namespace: %w", err)
	}
	defer user.Close()
	if err := p.alive(); err != nil {
		return -1, err
	}
	return lendPath(user, root, path)
}

// root opens what the process sees as /.
func (p *Peer) root() (*os.File, error) {
	fd, err := unix.Open(p.proc("root"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open root of process %d: %w", p.pid, err)
	}
	root := os.NewFile(uintptr(fd), "root")
	if err := p.alive(); err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

func (p *Peer) proc(file string) string { return fmt.Sprintf("/proc/%d/%s", p.pid, file) }

// alive makes sure that what was opened by the number was the process's: the
// number is not given to another while it has not been waited for.
func (p *Peer) alive() error {
	if err := unix.PidfdSendSignal(int(p.pidfd.Fd()), 0, nil, 0); err != nil {
		return fmt.Errorf("pidfd_send_signal: %w", err)
	}
	return nil
}

// isOurs says whether a namespace is the one of the calling thread.
func isOurs(fd int, file string) (bool, error) {
	var there, here unix.Stat_t
	if err := errors.Join(unix.Fstat(fd, &there), unix.Stat("/proc/thread-self/ns/"+file, &here)); err != nil {
		return false, fmt.Errorf("stat %s namespace: %w", file, err)
	}
	return there.Dev == here.Dev && there.Ino == here.Ino, nil
}
