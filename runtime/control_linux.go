package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/control"
)

// server is the control socket of a detached container's supervisor.
type server struct {
	path     string
	listener *os.File
	answer   func(*os.File)
	conns    sync.WaitGroup
}

// maxConns bounds how many are served at once, and so the memory they take.
const maxConns = 64

// serve begins to answer at path, each connection in a goroutine of its own.
func serve(path string, answer func(*os.File)) (*server, error) {
	s := &server{path: path, answer: answer}
	err := atGate(path, func(fd int, addr unix.Sockaddr) (err error) {
		if err := unix.Fchmod(fd, 0o600); err != nil { // bind takes it over
			return err
		}
		if err := unix.Bind(fd, addr); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		if err := unix.Listen(fd, maxConns); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		s.listener, err = nonblocking(fd, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	s.conns.Go(s.accept)
	return s, nil
}

// accept takes connections until close, and then those that were made before.
func (s *server) accept() {
	free := make(chan struct{}, maxConns)
	for last := false; ; {
		conn, err := s.next(last)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			_ = s.listener.SetReadDeadline(time.Time{})
			last = true
			continue
		}
		if err != nil && (last || errors.Is(err, os.ErrClosed)) {
			return
		}
		if err != nil { // no descriptor left, perhaps
			time.Sleep(lull)
			continue
		}
		free <- struct{}{}
		s.conns.Go(func() {
			s.answer(conn)
			conn.Close()
			<-free
		})
	}
}

// next waits for a connection, or if it is for the last time says EAGAIN.
func (s *server) next(last bool) (*os.File, error) {
	raw, err := s.listener.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, failed := -1, error(nil)
	err = raw.Read(func(l uintptr) bool {
		fd, _, failed = unix.Accept4(int(l), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		return last || !errors.Is(failed, unix.EAGAIN)
	})
	if err := errors.Join(err, failed); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "control"), nil
}

// close ends the service. Nobody comes in any more; those who did are answered,
// if they take it soon.
func (s *server) close() {
	_ = os.Remove(s.path) // gone already, if all of the directory is
	_ = s.listener.SetReadDeadline(time.Unix(1, 0))
	done := make(chan struct{})
	go func() { s.conns.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
	}
	s.listener.Close()
}

// answerLimit is how long each side waits for what the other can say at once, on a
// machine that has much else to do: nothing is held up by that.
const answerLimit = 10 * time.Second

// answer hears one client out.
func (d *detached) answer(conn *os.File) {
	_ = conn.SetReadDeadline(time.Now().Add(answerLimit))
	f, _, err := control.Read(conn, nil)
	if err != nil || f.Kind != control.KindRequest {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	request, err := control.ParseRequest(f.Body)
	if err != nil {
		farewell(conn, control.Reply{Refused: err.Error()})
		return
	}
	if request.Do == control.Attach {
		d.attach(conn, request)
		return
	}
	if request.Do == control.Health && request.Full {
		d.hand(conn)
	}
	if r, err := d.obey(conn, request); err == nil {
		farewell(conn, r)
	}
}

// hand sends all that is known, before the reply.
func (d *detached) hand(conn *os.File) {
	doc, err := json.Marshal(d.vitals())
	if err != nil {
		return // the client misses it
	}
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	_ = control.WriteDocument(conn, doc)
}

// obey does what is asked and waits for what is to be waited for, unless the
// client hangs up before.
func (d *detached) obey(conn *os.File, r control.Request) (control.Reply, error) {
	goal := func(control.Reply) bool { return true }
	switch r.Do {
	case control.Wait:
		goal = func(now control.Reply) bool { return now.Reached(r.For) }
	case control.Stop:
		d.supervisor.end(unix.Signal(r.Signal), r.Grace)
		goal = func(now control.Reply) bool { return now.Ended }
	case control.Restart:
		before, _ := d.board.read()
		d.supervisor.again(unix.Signal(r.Signal), r.Grace)
		goal = func(now control.Reply) bool { return now.Ended || now.Starts > before.Starts && now.Pid != 0 }
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // ends with the connection
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	}()
	return d.board.until(ctx, goal)
}

// attach joins a client to the hub until it hangs up, or the container has
// ended for good.
func (d *detached) attach(conn *os.File, r control.Request) {
	if r.Size != nil {
		d.hub.resize(*r.Size)
	}
	d.hub.join(conn)
	defer d.hub.leave(conn)
	var buf []byte
	for {
		var f control.Frame
		var err error
		if f, buf, err = control.Read(conn, buf); err != nil {
			return
		}
		switch f.Kind {
		case control.KindInput:
			d.hub.input(f.Body)
		case control.KindResize:
			if size, err := control.ParseSize(f.Body); err == nil {
				d.hub.resize(size)
			}
		}
	}
}
