package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/control"
	"mini/runtime/state"
)

// errNoSupervisor says that nobody takes requests for the container: it is not a
// detached one, or has ended for good, or its supervisor was killed.
var errNoSupervisor = errors.New("no supervisor")

// dial connects to the supervisor of a detached container and sends a request.
// Where there is none any more, and the container waits for another, it gets one.
func dial(d *state.Dir, r control.Request) (*os.File, error) {
	for end := time.Now().Add(succession); ; time.Sleep(time.Millisecond) {
		if orphaned(d) {
			if err := adopt(d); err != nil {
				return nil, err
			}
		}
		conn, err := knock(d, r)
		unheard := errors.Is(err, errNoSupervisor) || errors.Is(err, errDied)
		if !unheard || !succeeded(d) || time.Now().After(end) {
			return conn, err
		}
	}
}

// succeeded says that a container which can be adopted goes on without a supervisor
// that answers: the next one is still on its way to its socket.
func succeeded(d *state.Dir) bool {
	return d.Adoptable() && errors.Is(hasEnded(d), unix.EALREADY)
}

// knock is dial for a supervisor that is there.
func knock(d *state.Dir, r control.Request) (*os.File, error) {
	var conn *os.File
	err := atGate(d.Control(), func(fd int, addr unix.Sockaddr) (err error) {
		if err := unix.Connect(fd, addr); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		conn, err = nonblocking(fd, d.Control())
		return err
	})
	if errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil, errNoSupervisor
	}
	if err != nil {
		return nil, err
	}
	f, err := control.JSON(control.KindRequest, r)
	if err == nil {
		err = lost(f.Write(conn))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// errDied says that a supervisor has not come to its reply.
var errDied = errors.New("its supervisor has died, and the container with it, unless that waits to be adopted")

// reply reads the last message on a connection.
func reply(conn *os.File) (control.Reply, error) {
	f, _, err := control.Read(conn, nil)
	if err != nil {
		return control.Reply{}, lost(err)
	}
	return parseReply(f)
}

// lost explains a connection that ends without a reply. A supervisor that is just
// dying may hang up before it has read the request (EPIPE).
func lost(err error) error {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, unix.ECONNRESET, unix.EPIPE} {
		if errors.Is(err, end) {
			return errDied
		}
	}
	return err
}

func parseReply(f control.Frame) (control.Reply, error) {
	if f.Kind != control.KindReply {
		return control.Reply{}, fmt.Errorf("the supervisor sent a message of kind %q out of turn", byte(f.Kind))
	}
	r, err := control.ParseReply(f.Body)
	if err == nil && r.Refused != "" {
		err = errors.New("the supervisor refuses: " + r.Refused)
	}
	return r, err
}

// ended is the reply of a container that has ended for good, from its record.
func ended(r state.Record) control.Reply {
	how := r.Exit.State
	if how == "" { // of run --keep, which has no states
		how = health.StateExited.String()
	}
	return control.Reply{State: how, Ended: true, Restarts: r.Exit.Restarts, Status: r.Exit.Status, Death: r.Exit.Death}
}
