package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The little of HTTP/1.0 that serve, flaky and get need: one request a
// connection, no header matters, the end of the connection ends the body.
// net/http would make the userland twice as large.

// maxLine bounds what is read for one line of a request or an answer.
const maxLine = 8 << 10

// page answers a request: a status and a text.
type page func(target *url.URL) (code int, text string)

// listenAndServe answers until the listener fails; each connection on its own.
func listenAndServe(c *call, addr string, answer page) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	c.printf("serving on %s\n", l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go serveConn(conn, answer)
	}
}

func serveConn(conn net.Conn, answer page) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a client may never send its request
	target, err := readRequest(bufio.NewReaderSize(conn, maxLine))
	code, text := 400, "bad request\n"
	if err == nil {
		code, text = answer(target)
	}
	fmt.Fprintf(conn, "HTTP/1.0 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", code, statusText(code), len(text), text)
}

// readRequest reads up to the empty line after the headers.
func readRequest(r *bufio.Reader) (*url.URL, error) {
	line, err := readHeaderLine(r)
	if err != nil {
		return nil, err
	}
	f := strings.Fields(line)
	if len(f) != 3 || f[0] != "GET" || !strings.HasPrefix(f[2], "HTTP/1.") {
		return nil, fmt.Errorf("bad request line %q", line)
	}
	for i := 0; line != "" && err == nil && i < 100; i++ {
		line, err = readHeaderLine(r)
	}
	if err != nil {
		return nil, err
	}
	return url.ParseRequestURI(f[1])
}

func readHeaderLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	return strings.TrimRight(string(line), "\r\n"), err
}

func statusText(code int) string {
	return map[int]string{200: "OK", 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}[code]
}

// fetch gets a URL, writes the body and returns the status code.
func fetch(target string, timeout time.Duration, body io.Writer) (int, error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return 0, usage("%q is not an http:// URL", target)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(u.Hostname(), port), timeout)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return 0, err
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", u.RequestURI(), u.Host)
	return readAnswer(bufio.NewReaderSize(conn, maxLine), body)
}

func readAnswer(r *bufio.Reader, body io.Writer) (int, error) {
	line, err := readHeaderLine(r)
	if err != nil {
		return 0, fmt.Errorf("no answer: %w", err)
	}
	f := strings.Fields(line)
	if len(f) < 2 || !strings.HasPrefix(f[0], "HTTP/1.") {
		return 0, fmt.Errorf("not HTTP: %q", line)
	}
	code, err := strconv.Atoi(f[1])
	if err != nil {
		return 0, fmt.Errorf("not HTTP: %q", line)
	}
	for line != "" {
		if line, err = readHeaderLine(r); err != nil {
			return code, err
		}
	}
	_, err = io.Copy(body, r)
	return code, err
}
