package tell

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a Sample that differs each time.
func counted(n *atomic.Uint64) func() Sample {
	return func() Sample { return Sample{ID: "web", Restarts: n.Add(1)} }
}

func restarts(t *testing.T, text string) (n int) {
	t.Helper()
	_, rest, _ := strings.Cut(text, `mini_container_restarts_total{id="/web",name="web"} `)
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return n
}

// TestMetricsFile: it is there at once, written anew every interval and soon after
// a change, but not for each of many, and at the end.
func TestMetricsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.prom")
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Uint64
		teller, err := New(Config{ID: "web", Sample: counted(&n), Settings: Settings{MetricsFile: path}})
		if err != nil {
			t.Fatal(err)
		}
		at := func(want int) {
			t.Helper()
			synctest.Wait()
			if got := restarts(t, read(t, path)); got != want {
				t.Errorf("written %d times, want %d", got, want)
			}
		}
		at(1)
		time.Sleep(DefaultInterval)
		at(2)
		time.Sleep(2 * DefaultInterval)
		at(4)
		for range 100 {
			teller.Changed()
			teller.Tell(Event{Kind: State})
		}
		time.Sleep(spacing)
		at(5)
		teller.Changed()
		time.Sleep(spacing / 2)
		at(5)
		time.Sleep(spacing / 2)
		at(6)
		time.Sleep(DefaultInterval)
		at(7)
		teller.Close(0)
		at(8)
		time.Sleep(time.Hour)
		at(8)
	})
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestMetricsFileTrouble: it is said once, until it works again.
func TestMetricsFileTrouble(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sub")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Uint64
		var said []string
		c := Config{ID: "web", Sample: counted(&n), Say: func(s string) { said = append(said, s) }, Settings: Settings{MetricsFile: filepath.Join(dir, "f")}}
		teller, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		remove(t, dir)
		time.Sleep(time.Hour)
		synctest.Wait()
		mkdir(t, dir)
		time.Sleep(DefaultInterval)
		synctest.Wait()
		if len(said) != 1 || !strings.HasPrefix(said[0], "web: metrics: open") {
			t.Errorf("said %q", said)
		}
		read(t, dir, "f")
		teller.Close(0)
	})
	for _, path := range []string{dir, "/dev/null", "/nonexistent/f"} {
		if _, err := New(Config{Sample: counted(new(atomic.Uint64)), Settings: Settings{MetricsFile: path}}); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Fatal("/dev/null is no device any more")
	}
}

func listening(t *testing.T, address string) *Teller {
	t.Helper()
	teller, err := New(Config{ID: "web", Sample: func() Sample { return full }, Settings: Settings{MetricsListen: address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { teller.Close(0) })
	return teller
}

// TestScrape: net/http's client gets the page.
func TestScrape(t *testing.T) {
	want := full
	want.Dropped = 0 // the Teller's
	base := "http://" + listening(t, "127.0.0.1:0").Address()
	r, err := http.Get(base + "/metrics?x=y")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 || r.Header.Get("Content-Type") != ContentType || string(body) != string(AppendText(nil, want)) {
		t.Errorf("%v %v %q", r, err, body)
	}
	for _, tt := range []struct {
		method, path string
		want         int
	}{{"HEAD", "/metrics", 200}, {"GET", "/", 404}, {"HEAD", "/x", 404}, {"POST", "/metrics", 405}, {"DELETE", "/x", 405}} {
		request, _ := http.NewRequest(tt.method, base+tt.path, nil)
		r, err := http.DefaultClient.Do(request)
		if err != nil || r.StatusCode != tt.want {
			t.Errorf("%s %s: %v, %v, want %d", tt.method, tt.path, r, err, tt.want)
			continue
		}
		r.Body.Close()
	}
}

// TestScrapeUnix: a socket that a killed process has left is no hindrance, one
// that is in use is.
func TestScrapeUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	teller := listening(t, "unix:"+path)
	if _, err := New(Config{Sample: func() Sample { return full }, Settings: Settings{MetricsListen: "unix:" + path}}); err == nil {
		t.Error("two listen at one address")
	}
	if got := exchange(t, "unix", path, "GET /metrics HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
		t.Errorf("got %.100q", got)
	}
	teller.Close(0)
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}
}

// exchange sends a text and gives the answer.
func exchange(t *testing.T, network, address, text string) string {
	t.Helper()
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, text) // it may be cut off
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

// TestScrapeNonsense: what is no request gets no page.
func TestScrapeNonsense(t *testing.T) {
	address := listening(t, "127.0.0.1:0").Address()
	for text, want := range map[string]string{
		"hello\r\n":                       "HTTP/1.1 400 ",
		"GET /metrics\r\n":                "HTTP/1.1 400 ",
		"GET /metrics HTTP/2.0\n":         "HTTP/1.1 400 ",
		"GET /metrics HTTP/1.1\nA: b\n\n": "HTTP/1.1 200 ",
		strings.Repeat("x", 100<<10):      "",
		"GET /metrics HTTP/1.1\r\nA: " + strings.Repeat("x", 100<<10) + "\r\n\r\n":      "",
		"GET /metrics HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", 10000) + "\r\n":        "",
		"GET /metrics HTTP/1.1\r\nA: " + strings.Repeat("x", 3000) + "\r\nB: c\r\n\r\n": "HTTP/1.1 200 ",
	} {
		if got := exchange(t, "tcp", address, text); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%.40q: got %.60q, want %q", text, got, want)
		}
	}
}

// TestScrapeBounded: those who ask and say nothing are served a few at a time, and do
// not hold up the end.
func TestScrapeBounded(t *testing.T) {
	for range 3 { // a busy machine may be slow once; who waits for them is so each time
		if endsAtOnce(t) {
			return
		}
	}
	t.Error("the end waits for those who say nothing")
}

func endsAtOnce(t *testing.T) bool {
	t.Helper()
	teller := listening(t, "127.0.0.1:0")
	begun := time.Now()
	var last net.Conn
	for range 20 {
		conn, err := net.Dial("tcp", teller.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		last = conn
	}
	_, _ = io.WriteString(last, "GET /metrics HTTP/1.0\r\n\r\n")
	_ = last.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, _ := last.Read(make([]byte, 1)); n > 0 && time.Since(begun) < scrapeLimit {
		t.Errorf("the last of 20 is served beside the others, want %d at once", maxScrapes)
	}
	closed := time.Now()
	teller.Close(0)
	return time.Since(closed) < scrapeLimit/2
}

// TestKeepAlive: a client that sends a second request on the connection is told
// that there is only one.
func TestKeepAlive(t *testing.T) {
	conn, err := net.Dial("tcp", listening(t, "127.0.0.1:0").Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || !r.Close {
		t.Errorf("%+v, %v", r, err)
	}
}
