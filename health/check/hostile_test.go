package check

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
)

func refusal(address string) error {
	return fmt.Errorf("connect tcp %s: %w", address, unix.ECONNREFUSED)
}

// endless writes a text until nobody wants it any more.
func endless(first, text string) func(net.Conn) {
	bytes := []byte(text) // once: the test looks at what is allocated
	return func(c net.Conn) {
		readSome(c)
		_, err := io.WriteString(c, first)
		for err == nil {
			_, err = c.Write(bytes)
		}
	}
}

// drip writes a byte at a time.
func drip(text string) func(net.Conn) {
	return func(c net.Conn) {
		c.(*net.TCPConn).SetNoDelay(true)
		readSome(c)
		for i := 0; ; i = (i + 1) % len(text) {
			if _, err := c.Write([]byte{text[i]}); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
}

func reset(c net.Conn) {
	readSome(c)
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// frames is an endless server of HTTP/2, after its settings.
func frames(f []byte) func(net.Conn) {
	return endless(string(frame(frameSettings, 0, 0, nil)), strings.Repeat(string(f), 1+4096/len(f)))
}

// TestHostile are peers that mean no good, or are broken: each probe of each
// ends in time, with a failure, little memory, and a closed connection.
func TestHostile(t *testing.T) {
	const short = 300 * time.Millisecond
	line := strings.Repeat("x", 1000)
	for _, c := range []struct {
		name   string
		handle func(net.Conn)
	}{
		{"silent", readSome},
		{"deaf", func(net.Conn) {}},
		{"closes", func(c net.Conn) { c.Close() }},
		{"resets", reset},
		{"garbage", endless("", "\x00\xff\x80{}\x07")},
		{"zeros", endless("", strings.Repeat("\x00", 4096))},
		{"drips zeros", drip("\x00")},
		{"line without end", endless("HTTP/1.1 200 OK\r\nA: ", line)},
		{"first line without end", endless("HTTP/1.1 200 ", line)},
		{"head without end", endless("HTTP/1.1 200 OK\r\n", "A: "+line+"\r\n")},
		{"interim without end", endless("", "HTTP/1.1 100 Continue\r\n\r\n")},
		{"dripped head", drip("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 1000))},
		{"dripped body", drip("HTTP/1.1 200 OK\r\n\r\n" + line)},
		{"dripped chunks", drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 1000))},
		{"trailer without end", endless("HTTP/1.1 503 Bad\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n")},
		{"chunk size without end", endless("HTTP/1.1 503 Bad\r\nTransfer-Encoding: chunked\r\n\r\n", "0")},
		{"unending 500", endless("HTTP/1.1 500 Bad\r\n\r\n", line)},
		{"pings", frames(frame(framePing, 0, 0, make([]byte, 8)))},
		{"settings", frames(frame(frameSettings, 0, 0, make([]byte, 6)))},
		{"empty data", frames(frame(frameData, 0, 1, nil))},
		{"data", frames(frame(frameData, 0, 1, []byte(line)))},
		{"headers", frames(frame(frameHeaders, flagEndHeaders, 1, []byte{0x88}))},
		{"continuations", endless(string(frame(frameSettings, 0, 0, nil))+string(frame(frameHeaders, 0, 1, nil)), string(frame(frameContinues, 0, 1, []byte{0x88})))},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := peer(t, c.handle)
			for name, probe := range map[string]func(context.Context, Dialer) health.Result{
				"http": HTTP{URL: "http://" + address}.Probe,
				"tcp":  TCP{Address: address, Send: "PING\r\n", Expect: "+PONG"}.Probe,
				"grpc": GRPC{Address: address}.Probe,
			} {
				begin, before := time.Now(), allocated()
				r := probe(within(t, short), dial)
				if took := time.Since(begin); took > short+soon {
					t.Errorf("%s took %v", name, took)
				}
				if n := allocated() - before; n > 1<<20 {
					t.Errorf("%s took %d bytes of memory", name, n)
				}
				want(t, r, health.Failure, "")
				if r.Output == "" {
					t.Errorf("%s: does not say why", name)
				}
			}
		})
	}
}

// allocated is all memory ever given out, that of the peer included.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestEnded is about who is to blame when the context is done.
func TestEnded(t *testing.T) {
	address := peer(t, readSome)
	probe := TCP{Address: address, Expect: "x"}.Probe
	want(t, probe(within(t, 10*time.Millisecond), dial), health.Failure, "no answer in time")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	want(t, probe(ctx, dial), health.Error, "the probe was ended")
	want(t, probe(ctx, dial), health.Error, "the probe was ended")
}

// TestBlame is about errors of the dialer.
func TestBlame(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind health.Kind
		text string
	}{
		{fmt.Errorf("connect: %w", unix.EHOSTUNREACH), health.Failure, "no route to host (EHOSTUNREACH)"},
		{fmt.Errorf("connect: %w", unix.EAGAIN), health.Failure, "EAGAIN"},
		{fmt.Errorf("open: %w", unix.ENOENT), health.Failure, "ENOENT"},
		{fmt.Errorf("setns net: %w", unix.EPERM), health.Error, "setns net: operation not permitted (EPERM)"},
		{fmt.Errorf("socket: %w", unix.EMFILE), health.Error, "EMFILE"},
		{context.DeadlineExceeded, health.Failure, "no answer in time"},
	} {
		r := Unix{Path: "/x"}.Probe(within(t, soon), func(_ context.Context, network, address string) (Conn, error) {
			if network != "unix" || address != "/x" {
				t.Errorf("dialled %s %s", network, address)
			}
			return nil, c.err
		})
		want(t, r, c.kind, c.text)
	}
}

func TestStream(t *testing.T) {
	redis := peer(t, says("+PONG\r\n"))
	for _, c := range []struct {
		t    TCP
		kind health.Kind
		text string
	}{
		{TCP{Address: redis}, health.Success, "connected"},
		{TCP{Address: redis, Send: "PING\r\n"}, health.Success, "connected"},
		{TCP{Address: redis, Send: "PING\r\n", Expect: "+PONG"}, health.Success, "+PONG\r\n"},
		{TCP{Address: redis, Send: "PING\r\n", Expect: "-LOADING"}, health.Failure, `"-LOADING" is not in the answer (the connection was closed before the end of the answer): +PONG`},
		{TCP{Address: "127.0.0.1"}, health.Error, "no port"},
		{TCP{Address: "::1:80"}, health.Error, "not of the form"},
		{TCP{Address: "[127.0.0.1]:80"}, health.Error, "not of the form"},
		{TCP{Address: "[::1:80"}, health.Error, "not of the form"},
		{TCP{Address: "redis:6379"}, health.Error, "not looked up"},
		{TCP{Address: "127.0.0.1:http"}, health.Error, "port"},
	} {
		want(t, c.t.Probe(within(t, soon), dial), c.kind, c.text)
	}
}

// TestExpectAcrossReads finds a word of which the parts come one by one.
func TestExpectAcrossReads(t *testing.T) {
	address := peer(t, drip("xxabcabd"))
	want(t, TCP{Address: address, Send: "?", Expect: "abcabdxx"}.Probe(within(t, soon), dial), health.Success, "xxabcabdxx")
}
