package notify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A Listener is a socket at which a service says how it is.
type Listener struct {
	path   string
	socket *os.File
	closed atomic.Bool
	slots  chan struct{} // of messages whose descriptors are being closed
	flood  limit
	data   [MaxMessage + 1]byte
	extra  [extraSize]byte
}

// Listen makes the socket at path, of any length. A socket that was left there
// is replaced. Everyone may write to it who reaches it: the modes of the
// directories above are its fence. What waits to be read is bounded by the
// kernel: net.unix.max_dgram_qlen messages, then senders wait (unix(7)).
func Listen(path string) (*Listener, error) {
	fd, err := newSocket()
	if err != nil {
		return nil, err
	}
	if err := bind(fd, path); err != nil {
		unix.Close(fd)
		return nil, err
	}
	socket := os.NewFile(uintptr(fd), path)
	return &Listener{path: path, socket: socket, slots: make(chan struct{}, maxClosing)}, nil
}

// bind names the socket. The address goes by its directory's descriptor: it has
// room for 108 bytes (unix(7)), a path may have thousands.
func bind(fd int, path string) error {
	// Before the first message can come: each must say who sent it.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return fmt.Errorf("setsockopt SO_PASSCRED: %w", err)
	}
	dir, err := os.OpenFile(filepath.Dir(path), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer dir.Close()
	at, name := int(dir.Fd()), filepath.Base(path)
	address := &unix.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d/%s", at, name)}
	err = unix.Bind(fd, address)
	if errors.Is(err, unix.EADDRINUSE) && removeSocket(at, name) == nil {
		err = unix.Bind(fd, address)
	}
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if err := unix.Fchmodat(at, name, 0o666, 0); err != nil { // bind obeys the umask
		return fmt.Errorf("fchmodat: %w", err)
	}
	return nil
}

// removeSocket removes what is in the way, unless it is no socket.
func removeSocket(dir int, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("fstatat: %w", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return unix.EADDRINUSE
	}
	return unix.Unlinkat(dir, name, 0)
}

// Close removes the socket. A Next that waits returns os.ErrClosed.
func (l *Listener) Close() error {
	l.closed.Store(true)
	err := os.Remove(l.path)
	if errors.Is(err, os.ErrNotExist) {
		err = nil // its directory went before
	}
	// Messages that nobody has read are dropped with their descriptors, the last
	// close of which can take as long as its owner likes (see discard).
	done := make(chan error, 1)
	go func() { done <- l.socket.Close() }()
	select {
	case failed := <-done:
		return errors.Join(failed, err)
	case <-time.After(time.Second):
		return err
	}
}
