package runtime

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"

	"mini/runtime/control"
	"mini/runtime/state"
	"mini/runtime/stdio"
)

// ErrDetached is Attach's error when the caller left: the container runs on.
var ErrDetached = errors.New("detached")

// Attach joins our descriptors 0, 1 and 2 to those of a detached container until
// it has ended for good, or the keys ctrl-p ctrl-q are typed, or a signal asks
// us to end: ErrDetached. Without a terminal of its own the program reads
// nothing. Of several who are attached all see all, and all can type.
func Attach(root, id string) (control.Reply, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return control.Reply{}, err
	}
	a, err := join(d)
	if errors.Is(err, errNoSupervisor) {
		return control.Reply{}, fmt.Errorf("%q: nobody holds its output: it has ended, or was not started by run -d", id)
	}
	if err != nil {
		return control.Reply{}, about(id, err)
	}
	r, err := a.relay()
	if err != nil && !errors.Is(err, ErrDetached) {
		err = about(id, err)
	}
	return r, err
}

// attached is the client's side of one attachment.
type attached struct {
	conn     *os.File
	terminal bool           // the program has one
	size     chan os.Signal // SIGWINCH
	end      chan os.Signal

	mu sync.Mutex // frames are written one after another
}

// join asks first whether there is a terminal, and then for it.
func join(d *state.Dir) (*attached, error) {
	conn, err := dial(d, control.Request{Do: control.Health})
	if err != nil {
		return nil, err
	}
	now, err := reply(conn)
	conn.Close()
	if err != nil {
		return nil, err
	}
	a := &attached{terminal: now.Terminal, size: make(chan os.Signal, 1), end: make(chan os.Signal, 1)}
	r := control.Request{Do: control.Attach}
	if size, ok := ownSize(); ok && now.Terminal {
		r.Size = &size
	}
	a.conn, err = dial(d, r)
	return a, err
}

// relay lasts as long as the attachment. What reads our stdin then is left
// behind: this process is about to end.
func (a *attached) relay() (control.Reply, error) {
	defer a.conn.Close()
	tty := a.terminal && isTerminal(os.Stdin)
	if tty {
		restore, err := stdio.Raw(os.Stdin)
		if err != nil {
			return control.Reply{}, err
		}
		defer func() { _ = restore() }()
	}
	signal.Notify(a.size, unix.SIGWINCH)
	signal.Notify(a.end, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT)
	left := make(chan struct{})
	if a.terminal {
		go func() {
			if typed(a.send, tty) {
				close(left)
			}
		}()
	}
	over := make(chan outcome, 1)
	go func() { over <- a.receive() }()
	for {
		select {
		case o := <-over:
			return o.reply, o.err
		case <-left:
			return control.Reply{}, ErrDetached
		case <-a.end:
			return control.Reply{}, ErrDetached
		case <-a.size:
			if size, ok := ownSize(); ok && a.terminal {
				a.send(size.Frame())
			}
		}
	}
}

func (a *attached) send(f control.Frame) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = f.Write(a.conn) // receive finds out
}

// outcome is the supervisor's last word, or why there is none.
type outcome struct {
	reply control.Reply
	err   error
}

// receive writes out what comes, up to the end.
func (a *attached) receive() outcome {
	var buf []byte
	for {
		var f control.Frame
		var err error
		f, buf, err = control.Read(a.conn, buf)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, unix.ECONNRESET):
			return outcome{err: errHungUp}
		case err != nil:
			return outcome{err: err}
		case f.Kind == control.KindOutput:
			_, err = os.Stdout.Write(f.Body)
		case f.Kind == control.KindError:
			_, err = os.Stderr.Write(f.Body)
		default:
			r, err := parseReply(f)
			return outcome{r, err}
		}
		if err != nil {
			return outcome{err: err}
		}
	}
}

var errHungUp = errors.New("the supervisor hung up: it was killed, or the output was left lying for too long")

// typed passes on what we read, to its end, and says whether it ended by the
// keys that detach, which only a terminal can type. What came before them is sent
// by then: this process ends at once.
func typed(send func(control.Frame), tty bool) (detach bool) {
	var keys control.Keys
	buf := make([]byte, 4<<10)
	for {
		n, err := os.Stdin.Read(buf)
		body := buf[:n]
		if tty {
			body, detach = keys.Scan(nil, buf[:n])
		}
		if len(body) > 0 {
			send(control.Frame{Kind: control.KindInput, Body: body})
		}
		if detach || err != nil {
			return detach
		}
	}
}

// ownSize is that of the terminal we were called from.
func ownSize() (control.Size, bool) {
	size, err := unix.IoctlGetWinsize(int(os.Stdin.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return control.Size{}, false
	}
	return control.Size{Rows: size.Row, Columns: size.Col}, true
}
