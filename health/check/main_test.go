package check

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"mini/health"
)

// The test binary is its own service: with this variable it listens in the
// network namespace that it was started in.
const serveEnv = "MINI_CHECK_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveEnv); dir != "" {
		if err := serveAll(dir); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// dial is a Dialer of this network namespace.
func dial(ctx context.Context, network, address string) (Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// peer listens and has each connection handled. It fails the test if a
// connection is not closed by the other side soon after that.
func peer(t testing.TB, handle func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			handle(c)
			c.SetDeadline(time.Now().Add(2 * soon))
			if _, err := io.Copy(io.Discard, c); os.IsTimeout(err) {
				t.Error("the probe has left its connection open")
			}
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// says answers anything with a text, and closes its side.
func says(text string) func(net.Conn) {
	return func(c net.Conn) {
		readSome(c)
		io.WriteString(c, text)
		c.(*net.TCPConn).CloseWrite()
	}
}

func readSome(c net.Conn) { c.Read(make([]byte, 4096)) }

// within is a context of a test.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// want compares a result; the output has to contain text.
func want(t *testing.T, r health.Result, kind health.Kind, text string) {
	t.Helper()
	if r.Kind != kind || !strings.Contains(r.Output, text) {
		t.Errorf("got %s: %q\nwant %s: %q", r.Kind, r.Output, kind, text)
	}
	if len(r.Output) > health.MaxOutput {
		t.Errorf("%d bytes of output", len(r.Output))
	}
}
