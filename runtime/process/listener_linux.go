package process

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Listener is where the kernel's notifications go that a filter asks for: the
// socket of a seccomp agent on the host. It is a cell. The parent connects and
// hands Conn and Message over to init, whose filter makes the descriptor that
// goes to the agent (runtime-spec, config-linux.md, "The Container Process
// State").
type Listener struct {
	Path    string   // of a unix stream socket on the host
	Conn    *os.File `json:"-"` // close-on-exec; used once
	Message []byte   // the container process state, which travels with the descriptor
}

var errNoListener = errors.New("no connection to the seccomp agent was handed over")

// connectListener is the parent's: the path is the host's, and init never asks.
type connectListener struct {
	note
	listener *Listener
}

func (o connectListener) String() string { return "connect to " + o.listener.Path }

func (o connectListener) Do() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: o.listener.Path}); err != nil {
		unix.Close(fd)
		return err
	}
	o.listener.Conn = os.NewFile(uintptr(fd), "seccomp agent")
	return nil
}

// loadNotifying puts the calling thread under a filter that asks an agent, and
// hands the agent the means to answer. It takes two threads, so no list of calls
// can do it.
type loadNotifying struct {
	note
	filter   *Filter
	listener *Listener
}

func (o loadNotifying) String() string {
	return loadFilter{o.note, o.filter}.String() + ", listener to " + o.listener.Path
}

// Do lets another thread do the handing over. This one is under the filter as
// soon as there is a descriptor, and any call it made might wait for an agent
// that has not got it yet. The filter is on this thread only, so the helper's
// calls are free; it learns of the descriptor from memory, without a call of
// ours, and needs no scheduler, since there is a processor for each of us.
//
// As this thread cannot be preempted meanwhile, nobody may stop the world: a
// collection would, and so would Go if it looked for processors anew, which
// GOMAXPROCS ends. There is nothing to collect before execve.
func (o loadNotifying) Do() error {
	if o.listener.Conn == nil {
		return errNoListener
	}
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), 2))
	debug.SetGCPercent(-1)
	h := &handover{conn: int(o.listener.Conn.Fd()), message: o.listener.Message}
	h.listener.Store(-1)
	ready := make(chan struct{})
	go h.serve(ready)
	<-ready
	prog := unix.SockFprog{Len: uint16(len(o.filter.Program)), Filter: &o.filter.Program[0]}
	errno := h.load(o.filter.flags(), &prog)
	runtime.KeepAlive(o.filter)
	runtime.KeepAlive(o.listener.Conn)
	if errno != 0 {
		return errno
	}
	if h.state.Load() == done {
		return nil
	}
	return fmt.Errorf("sendmsg: %w", h.errno)
}

// load puts this thread under the filter and waits until the listener is handed over.
//
// It is nosplit so that Go does not preempt it, which it otherwise does after 10 ms:
// that takes a futex(2), perhaps with a lock held that the helper needs.
//
//go:nosplit
func (h *handover) load(flags uint, prog *unix.SockFprog) unix.Errno {
	fd, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), uintptr(unsafe.Pointer(prog)))
	if errno != 0 {
		h.listener.Store(stop)
		return errno
	}
	h.listener.Store(int64(fd))
	for h.state.Load() == 0 {
	}
	return 0
}

// handover is what the two threads share.
type handover struct {
	conn     int
	message  []byte
	listener atomic.Int64 // -1: not yet
	state    atomic.Int32 // 0, done or failed
	errno    unix.Errno   // valid once failed
}

const (
	stop   = -2 // as a listener: there will be none
	done   = 1  // as a state
	failed = 2
)

// serve waits for the descriptor and sends it. It ends with the process.
func (h *handover) serve(ready chan<- struct{}) {
	runtime.LockOSThread()
	close(ready)
	pause := unix.Timespec{Nsec: 20_000}
	for h.listener.Load() == -1 {
		_ = unix.Nanosleep(&pause, nil) // not raw: the other thread may need our processor to get on
	}
	fd := int(h.listener.Load())
	if fd == stop {
		return
	}
	if h.errno = send(h.conn, h.message, fd); h.errno != 0 {
		h.state.Store(failed)
		return
	}
	h.state.Store(done)
}

// send writes the message with a descriptor attached; both arrive together.
func send(conn int, message []byte, fd int) unix.Errno {
	rights := unix.UnixRights(fd)
	for len(message) > 0 {
		vec := unix.Iovec{Base: &message[0]}
		vec.SetLen(len(message))
		msg := unix.Msghdr{Iov: &vec}
		msg.SetIovlen(1)
		if rights != nil {
			msg.Control = &rights[0]
			msg.SetControllen(len(rights))
		}
		n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(conn), uintptr(unsafe.Pointer(&msg)), unix.MSG_NOSIGNAL)
		switch errno {
		case 0:
			message, rights = message[n:], nil
		case unix.EINTR:
		default:
			return errno
		}
	}
	return 0
}
