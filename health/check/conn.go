package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
)

// A Conn is a connection to the service. An *os.File of a nonblocking socket is
// one, and so is a net.Conn.
type Conn interface {
	io.ReadWriteCloser
	// SetDeadline ends reads and writes that wait at that time, those too which
	// wait already.
	SetDeadline(time.Time) error
}

// A Dialer connects to the service. Networks are "tcp", with an IP address and a
// port, and "unix", with a path or @ and a name. Errors have to unwrap to the
// errno: it decides whether the service is to blame.
type Dialer func(ctx context.Context, network, address string) (Conn, error)

// A talk is what is said on a connection. It returns what is to be told about a
// success, or an error.
type talk func(Conn) (string, error)

// probe has a talk with the service at the first address that takes the
// connection.
func probe(ctx context.Context, dial Dialer, network string, addresses []string, t talk) health.Result {
	c, err := connect(ctx, dial, network, addresses)
	if err != nil {
		return judge(ctx, "", err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	text, err := t(c)
	return judge(ctx, text, err)
}

// connect tells of the first address if no address is better.
func connect(ctx context.Context, dial Dialer, network string, addresses []string) (Conn, error) {
	var first error
	for _, address := range addresses {
		c, err := dial(ctx, network, address)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
		if !isAny(err, elsewhere) {
			break
		}
	}
	return nil, first
}

// A failure is an answer that is not what it should be.
type failure string

func (f failure) Error() string { return string(f) }

func failuref(format string, args ...any) error { return failure(fmt.Sprintf(format, args...)) }

// elsewhere are the errors after which the other address of localhost may do.
var elsewhere = []unix.Errno{unix.ECONNREFUSED, unix.EADDRNOTAVAIL, unix.EAFNOSUPPORT, unix.ENETUNREACH}

// silent are the errors that are the service's, or its network's. All others
// are of the probe.
var silent = []unix.Errno{
	unix.ECONNREFUSED, unix.ECONNRESET, unix.ECONNABORTED, unix.EPIPE, unix.ETIMEDOUT,
	unix.EHOSTUNREACH, unix.ENETUNREACH, unix.EHOSTDOWN, unix.ENETDOWN,
	unix.ENOENT, // no socket at that path
	unix.EAGAIN, // a unix socket's queue is full (connect(2))
}

func isAny(err error, list []unix.Errno) bool {
	var errno unix.Errno
	return errors.As(err, &errno) && slices.Contains(list, errno)
}

// judge makes the result of what came of a talk.
func judge(ctx context.Context, text string, err error) health.Result {
	var wrong failure
	switch {
	case err == nil:
		return result(health.Success, text)
	case errors.Is(ctx.Err(), context.Canceled):
		return result(health.Error, "the probe was ended")
	case errors.As(err, &wrong), late(err), early(err), isAny(err, silent):
		return result(health.Failure, explain(err))
	}
	return result(health.Error, explain(err))
}

// late says that the time was over, early that the connection was.
func late(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

func early(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func result(k health.Kind, text string) health.Result {
	return health.Result{Kind: k, Output: text[:min(len(text), health.MaxOutput)]}
}

// explain says an error in words, with the errno's name.
func explain(err error) string {
	var errno unix.Errno
	switch {
	case late(err):
		return "no answer in time"
	case early(err):
		return "the connection was closed before the end of the answer"
	case errors.As(err, &errno):
		return fmt.Sprintf("%v (%s)", err, unix.ErrnoName(errno))
	}
	return err.Error()
}
