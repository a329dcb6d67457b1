package tell

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server answers GET /metrics.
type server struct {
	listener net.Listener
	page     func() []byte
	free     chan struct{} // of maxScrapes
	conns    sync.WaitGroup
}

// The bounds of what those who ask can cost: so many at once, each for so long.
const (
	maxScrapes  = 4
	scrapeLimit = 5 * time.Second
)

// parseListen reads [HOST]:PORT or unix:/SOCKET.
func parseListen(text string) (network, address string, err error) {
	if socket, ok := strings.CutPrefix(text, "unix:"); ok {
		socket = strings.TrimPrefix(socket, "//")
		return "unix", socket, checkSocket(socket, "")
	}
	_, port, err := net.SplitHostPort(text)
	if err != nil || port == "" {
		return "", "", errors.New("want HOST:PORT, :PORT or unix:/SOCKET")
	}
	return "tcp", text, nil
}

// serve begins to listen and to answer.
func serve(text string, page func() []byte) (*server, error) {
	network, address, err := parseListen(text)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen(network, address)
	if errors.Is(err, syscall.EADDRINUSE) && network == "unix" && deserted(address) {
		_ = os.Remove(address)
		l, err = net.Listen(network, address)
	}
	if err != nil {
		return nil, err
	}
	s := &server{listener: l, page: page, free: make(chan struct{}, maxScrapes)}
	s.conns.Go(s.accept)
	return s, nil
}

// deserted says whether a socket is left of a process that was killed.
func deserted(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func (s *server) accept() {
	for {
		s.free <- struct{}{} // first, so that the rest wait in the kernel
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no descriptor left, perhaps
			<-s.free
			time.Sleep(hurry)
			continue
		}
		s.conns.Go(func() {
			defer func() { <-s.free }()
			defer conn.Close()
			s.answer(conn)
		})
	}
}

// answer serves one request.
func (s *server) answer(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(scrapeLimit))
	method, target, err := readRequest(conn)
	const plain = "text/plain; charset=utf-8"
	var b []byte
	path, _, _ := strings.Cut(target, "?")
	switch {
	case errors.Is(err, errNotHTTP):
		b = response("400 Bad Request", plain, []byte("not HTTP/1.1\n"), false)
	case err != nil:
		return
	case method != "GET" && method != "HEAD":
		b = response("405 Method Not Allowed\r\nAllow: GET, HEAD", plain, []byte("only GET\n"), false)
	case path != "/metrics":
		b = response("404 Not Found", plain, []byte("there is only /metrics\n"), method == "HEAD")
	default:
		b = response("200 OK", ContentType, s.page(), method == "HEAD")
	}
	_, _ = conn.Write(b) // whoever has gone does not want it
}

// close ends the service; who is being answered still is.
func (s *server) close() {
	s.listener.Close()
	done := make(chan struct{})
	go func() { s.conns.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(hurry):
	}
}
