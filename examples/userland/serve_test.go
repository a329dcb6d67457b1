package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// start runs a program and returns what reads its next line. It is killed at
// the end of the test.
func start(t *testing.T, c *exec.Cmd) (line func() string) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended as it should
		_ = c.Wait()
	})
	lines := bufio.NewReader(out)
	return func() string {
		text, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%q: %v after %q", c.Args, err, text)
		}
		return text
	}
}

// service starts one on a free port and returns its URL.
func service(t *testing.T, argv ...string) (*exec.Cmd, string, func() string) {
	t.Helper()
	c := prepare(t, argv...)
	line := start(t, c)
	addr, ok := strings.CutPrefix(strings.TrimSpace(line()), "serving on ")
	if !ok {
		t.Fatal("no address")
	}
	return c, "http://" + addr, line
}

func TestServe(t *testing.T) {
	c, url, _ := service(t, "serve", "127.0.0.1:0")
	steps := []struct {
		path, out string
		status    int
	}{
		{"/", "hello from ", 0},
		{"/healthz", "ok\n", 0},
		{"/nope", "no such page\n", 1},
		{"/fail", "/healthz fails", 0},
		{"/healthz", "failing\n", 1},
		{"/hang", "no answers", 0},
	}
	for _, step := range steps {
		if got := run(t, "get", url+step.path); !strings.HasPrefix(got.out, step.out) || got.status != step.status {
			t.Errorf("%s: got %+v, want %q, %d", step.path, got, step.out, step.status)
		}
	}
	if got := run(t, "get", "--timeout", "50ms", url); got.status != 1 || !strings.Contains(got.err, "timeout") {
		t.Errorf("a hanging server: got %+v", got)
	}
	if err := c.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if state, err := c.Process.Wait(); err != nil || state.ExitCode() != 143 {
		t.Errorf("TERM: got %v, %v, want 143", state, err)
	}
	if got := run(t, "get", url); got.status != 1 || !strings.Contains(got.err, "ECONNREFUSED (connection refused)") {
		t.Errorf("a closed port: got %+v", got)
	}
}

func TestServeExit(t *testing.T) {
	c, url, _ := service(t, "serve", "127.0.0.1:0")
	run(t, "get", url+"/exit?status=7")
	if state, err := c.Process.Wait(); err != nil || state.ExitCode() != 7 {
		t.Errorf("got %v, %v, want 7", state, err)
	}
}

func TestFlaky(t *testing.T) {
	url, line := atFirst(t, time.Second/2)
	if got := line(); got != "broken from now on\n" {
		t.Errorf("got %q", got)
	}
	if got := run(t, "get", url+"/"); got.out != "failing\n" || got.status != 1 {
		t.Errorf("then: got %+v", got)
	}
	if got := run(t, "flaky", "--after", "1ms", "--status", "9", "--listen", "127.0.0.1:0"); got.status != 9 {
		t.Errorf("--status: got %+v", got)
	}
}

// atFirst starts a service that works for so long, or longer where nobody comes to
// ask it in that time, and sees it work.
func atFirst(t *testing.T, after time.Duration) (url string, line func() string) {
	t.Helper()
	begun := time.Now()
	_, url, line = service(t, "flaky", "--listen", "127.0.0.1:0", "--after", after.String())
	got := run(t, "get", url+"/")
	if got.out == "ok\n" {
		return url, line
	}
	if time.Since(begun) < after {
		t.Fatalf("broken before its time: %+v", got)
	}
	return atFirst(t, 4*after)
}

func TestReadRequest(t *testing.T) {
	tests := map[string]string{
		"GET /a?b=1 HTTP/1.0\r\n\r\n":           "/a?b=1",
		"GET / HTTP/1.1\r\nHost: x\r\nA: b\n\n": "/",
		"POST / HTTP/1.0\r\n\r\n":               "",
		"GET /\r\n\r\n":                         "",
		"GET / HTTP/1.0\r\nHost: x\r\n":         "",
		"":                                      "",
	}
	for text, want := range tests {
		got := ""
		if u, err := readRequest(bufio.NewReader(strings.NewReader(text))); err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzHTTP(f *testing.F) {
	f.Add("GET /a HTTP/1.0\r\nHost: x\r\n\r\n")
	f.Add("HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = readRequest(bufio.NewReader(strings.NewReader(text)))
		var body bytes.Buffer
		if _, err := readAnswer(bufio.NewReader(strings.NewReader(text)), &body); err == nil && !strings.HasSuffix(text, body.String()) {
			t.Errorf("the body %q is not the end of %q", body.String(), text)
		}
	})
}
