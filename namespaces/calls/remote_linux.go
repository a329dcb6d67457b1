package calls

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Hand is a process that runs [Program] with [Args]. It ends when Socket is closed.
type Hand struct {
	Socket *os.File // our end of a stream socket (unix(7))
	There  int      // the descriptor of its end
}

// ErrGone is the end of a hand: it was killed, or has executed a program.
var ErrGone = errors.New("the process ended")

// List is an empty list that h does.
func (h Hand) List() *List { return newList(h, usual) }

// Errand is List for a few calls.
func (h Hand) Errand() *List { return newList(h, few) }

func (h Hand) socket() int { return h.There }

func (h Hand) send(l *List) error {
	for parts := l.image(); len(parts) > 0; {
		n, err := unix.SendmsgBuffers(int(h.Socket.Fd()), parts, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case err == unix.EINTR:
		case err == unix.EPIPE || err == unix.ECONNRESET:
			return ErrGone
		case err != nil:
			return fmt.Errorf("sendmsg: %w", err)
		}
		parts = advance(parts, max(n, 0))
	}
	return nil
}

func (h Hand) receive(l *List) (given []int, err error) {
	for p := l.data[:l.head().answer.size]; len(p) > 0; {
		n, fd, err := h.read(p)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECONNRESET || err == nil && n == 0:
			return given, ErrGone
		case err != nil:
			return given, fmt.Errorf("recvmsg: %w", err)
		case fd >= 0: // its byte is no part of the answer
			given = append(given, fd)
		default:
			p = p[n:]
		}
	}
	return given, nil
}

// advance is what is left of parts after n bytes. It changes their slice.
func advance(parts [][]byte, n int) [][]byte {
	for len(parts) > 0 && n >= len(parts[0]) {
		n -= len(parts[0])
		parts = parts[1:]
	}
	if len(parts) > 0 {
		parts[0] = parts[0][n:]
	}
	return parts
}

// read reads into p, or it takes a descriptor and the byte that it came with:
// bytes of both kinds are never read at once. There is no room for a second one.
func (h Hand) read(p []byte) (n, fd int, err error) {
	control := make([]byte, unix.CmsgLen(4))
	n, controls, flags, _, err := unix.Recvmsg(int(h.Socket.Fd()), p, control, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return n, -1, err
	}
	fd = -1
	if controls == len(control) {
		fd = int(binary.NativeEndian.Uint32(control[unix.CmsgLen(0):]))
	}
	if flags&unix.MSG_CTRUNC != 0 {
		unix.Close(fd)
		return n, -1, unix.EMFILE
	}
	return n, fd, nil
}

// Leave sends l to a hand and waits for nothing: the last list, which ends in an
// execve. If a call fails the hand writes an [Answer] with note to where
// [List.Answer] has said, and ends with the exit status.
func (h Hand) Leave(l *List, status int, note []byte) error {
	if err := l.Straight(); err != nil {
		return err
	}
	at := l.Memory(note)
	l.Final(status)
	if err := l.prepare(); err != nil {
		return err
	}
	l.head().note = uint64(at.off)
	if err := h.send(l); err != nil {
		return err
	}
	return l.sendLent()
}

// Answer is the end of a list that was left with a hand.
type Answer struct {
	Call  int // that failed, of those that were left: see [List.Left]
	Errno unix.Errno
	Note  []byte // that was left with the list
}

// ReadAnswer takes an answer apart; ok is false if it is none.
func ReadAnswer(p []byte) (a Answer, ok bool) {
	if len(p) < headSize {
		return a, false
	}
	h := headOf(p)
	if h.answer != (span{handData, uint64(len(p))}) || h.note > uint64(len(p)) {
		return a, false
	}
	first := (h.parts[1].at - handCalls) / callSize
	return Answer{int(h.at - first), unix.Errno(-h.errno), p[h.note:]}, true
}
