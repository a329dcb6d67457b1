package notify

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Next waits for a message. It returns ctx's error once ctx is done, and
// os.ErrClosed after Close. Only one caller at a time. Descriptors that came with
// the message are closed, which is the answer to BARRIER=1: all messages before
// it have been returned.
func (l *Listener) Next(ctx context.Context) (Message, error) {
	expired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(expired)
		_ = l.socket.SetReadDeadline(time.Unix(1, 0))
	})
	m, err := l.next(ctx)
	if !stop() {
		<-expired
		_ = l.socket.SetReadDeadline(time.Time{})
	}
	if l.closed.Load() && err != nil {
		err = os.ErrClosed
	}
	return m, err
}

func (l *Listener) next(ctx context.Context) (Message, error) {
	for {
		if err := l.flood.wait(ctx); err != nil {
			return Message{}, err
		}
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
		m, ok, err := l.receive()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return Message{}, ctx.Err()
		case err != nil:
			return Message{}, err
		case ok:
			return m, nil
		}
	}
}

// receive waits for one datagram; ok is false for one that is too long.
func (l *Listener) receive() (m Message, ok bool, err error) {
	n, extra, err := l.read()
	sender, files := unpack(l.extra[:extra])
	l.discard(files)
	if err != nil || n > MaxMessage || sender == nil {
		return m, false, err
	}
	m = Parse(l.data[:n])
	m.PID, m.UID, m.Files = int(sender.Pid), sender.Uid, len(files)
	return m, true, nil
}

// read waits by Go's poller: no thread is taken.
func (l *Listener) read() (n, extra int, err error) {
	conn, err := l.socket.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var failed error
	err = conn.Read(func(fd uintptr) (done bool) {
		n, extra, _, _, failed = unix.Recvmsg(int(fd), l.data[:], l.extra[:], unix.MSG_CMSG_CLOEXEC)
		return !errors.Is(failed, unix.EAGAIN) && !errors.Is(failed, unix.EINTR)
	})
	if err = errors.Join(err, failed); err != nil {
		return 0, 0, err
	}
	return n, extra, nil
}
