package calls

import (
	"errors"
	"fmt"
	"io"
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
func (h Hand) List() *List { return &List{doer: h} }

func (h Hand) base([]byte) uint64 { return handMemory }
func (h Hand) socket() int        { return h.There }

func (h Hand) send(image []byte) error {
	for len(image) > 0 {
		n, err := unix.SendmsgN(int(h.Socket.Fd()), image, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case err == unix.EINTR:
		case err == unix.EPIPE || err == unix.ECONNRESET:
			return ErrGone
		case err != nil:
			return fmt.Errorf("sendmsg: %w", err)
		}
		image = image[max(n, 0):]
	}
	return nil
}

func (h Hand) receive(image []byte) error {
	for len(image) > 0 {
		n, err := unix.Read(int(h.Socket.Fd()), image)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECONNRESET || err == nil && n == 0:
			return ErrGone
		case err != nil:
			return fmt.Errorf("read: %w", err)
		}
		image = image[n:]
	}
	return nil
}

// Leave sends l to a hand and waits for nothing: the last list, which ends in an
// execve. A call that fails ends the hand with the exit status, after the head of
// the image was written to where [List.Answer] has said: see [ReadFailure].
func (h Hand) Leave(l *List, status int) error {
	if err := l.Straight(); err != nil {
		return err
	}
	image, err := l.image()
	if err != nil {
		return err
	}
	put(image, headReply, headSize)
	put(image, headExit, uint64(status))
	return h.send(image)
}

// ReadFailure reads the answer to [Hand.Leave] from r: which call of the list
// failed, and why. io.EOF says that none did.
func ReadFailure(r io.Reader) (call int, errno unix.Errno, err error) {
	p := make([]byte, headSize)
	if _, err := io.ReadFull(r, p); err != nil {
		return 0, 0, err
	}
	return int(get(p, headAt)), unix.Errno(-int64(get(p, headResult))), nil
}

// FailureOf is the error of a list that was left with a hand: call i failed.
func (l *List) FailureOf(i int, errno unix.Errno) error {
	if i < 0 || i >= len(l.calls) {
		return fmt.Errorf("call %d of %d: %w", i, len(l.calls), errno)
	}
	c := l.calls[i]
	return &Failure{c.step, c.name, errno}
}
