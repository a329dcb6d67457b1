package check

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mini/health"
)

const soon = time.Minute // far longer than any test takes

// TestResponses are answers byte by byte.
func TestResponses(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		kind         health.Kind
		text         string
	}{
		{"ok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", health.Success, "200 OK\nhi"},
		{"1.0", "HTTP/1.0 200 OK\r\n\r\nhi", health.Success, "200 OK\nhi"},
		{"bare line ends", "HTTP/1.1 204 No Content\nA: b\n\n", health.Success, "204 No Content"},
		{"no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", health.Success, "200"},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", health.Success, "302 Found"},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", health.Success, "304"},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA ;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n", health.Success, "hi0123456789"},
		{"chunked wins", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 1\r\n\r\n2\r\nhi\r\n0\r\n\r\n", health.Success, "\nhi"},
		{"early hints", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", health.Success, "200 OK"},
		{"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n", health.Success, "200 OK"},
		{"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", health.Success, "200 OK"},

		{"server error", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\ndown", health.Failure, "503 Service Unavailable\ndown"},
		{"error cut short", "HTTP/1.1 500 Oops\r\nContent-Length: 40\r\n\r\ndown", health.Failure, "500 Oops\ndown"},
		{"switching", "HTTP/1.1 101 Switching Protocols\r\n\r\n", health.Failure, "101"},
		{"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", health.Failure, "200 OK, but after 2 bytes of the body: the connection was closed"},
		{"chunks cut short", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi", health.Failure, "after 2 bytes"},
		{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", health.Failure, "after 2 bytes"},
		{"chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n", health.Failure, `size of a chunk makes no sense: "-2"`},
		{"chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiho\r\n0\r\n\r\n", health.Failure, "longer than it says"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", health.Failure, "makes no sense"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", health.Failure, "makes no sense"},
		{"no colon", "HTTP/1.1 200 OK\r\nContent\r\n\r\n", health.Failure, "without a colon"},
		{"nothing", "", health.Failure, "closed before the end"},
		{"half a head", "HTTP/1.1 200 OK\r\nA: b\r\n", health.Failure, "closed before the end"},
		{"ssh", "SSH-2.0-OpenSSH_9.2\r\n", health.Failure, `not HTTP: "SSH-2.0-OpenSSH_9.2"`},
		{"http/2", "HTTP/2 200\r\n\r\n", health.Failure, "not HTTP"},
		{"http/1.10", "HTTP/1.10 200 OK\r\n\r\n", health.Failure, "not HTTP"},
		{"status", "HTTP/1.1 20 OK\r\n\r\n", health.Failure, "not HTTP"},
		{"small status", "HTTP/1.1 099 OK\r\n\r\n", health.Failure, "not HTTP"},
		{"garbage", strings.Repeat("\x00\xff", 500) + "\n", health.Failure, "not HTTP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := peer(t, says(c.answer))
			want(t, HTTP{URL: "http://" + address + "/"}.Probe(within(t, soon), dial), c.kind, c.text)
		})
	}
}

// TestRealServer asks Go's.
func TestRealServer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s host=%s agent=%s length=%d x=%s", r.Method, r.RequestURI, r.Proto, r.Host, r.UserAgent(), r.ContentLength, r.Header.Get("X-A"))
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		for range 3 {
			io.WriteString(w, "part ")
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) { w.Write(bytes.Repeat([]byte("x"), 1<<20)) })
	mux.HandleFunc("/gone", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusGone) })
	s := httptest.NewServer(mux)
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	for _, c := range []struct {
		name string
		h    HTTP
		kind health.Kind
		text string
	}{
		{"get", HTTP{URL: "/echo?a=b%20c"}, health.Success, "200 OK\nGET /echo?a=b%20c HTTP/1.1 host=" + host + " agent=mini length=0 x="},
		{"post", HTTP{URL: "/echo", Method: "POST"}, health.Success, "POST /echo HTTP/1.1"},
		{"head", HTTP{URL: "/big", Method: "HEAD"}, health.Success, "200 OK\n"},
		{"fields", HTTP{URL: "/echo", Header: map[string]string{"host": "example.com", "X-A": "b: c", "User-Agent": "me"}}, health.Success, "host=example.com agent=me length=0 x=b: c"},
		{"kept alive", HTTP{URL: "/flush", Header: map[string]string{"connection": "keep-alive"}}, health.Success, "part part part"},
		{"chunks", HTTP{URL: "/flush"}, health.Success, "part part part"},
		{"match", HTTP{URL: "/flush", Match: "part part"}, health.Success, "200 OK"},
		{"no match", HTTP{URL: "/flush", Match: "ready"}, health.Failure, `200 OK, but "ready" is not in the body`},
		{"big", HTTP{URL: "/big", Match: "xxx"}, health.Success, "xxx"},
		{"not found", HTTP{URL: "/none"}, health.Failure, "404 Not Found\n404 page"},
		{"accepted", HTTP{URL: "/gone", Accept: func(n int) bool { return n == 410 }}, health.Success, "410 Gone"},
		{"not accepted", HTTP{URL: "/flush", Accept: func(n int) bool { return n == 410 }}, health.Failure, "200 OK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.h.URL = s.URL + c.h.URL
			want(t, c.h.Probe(within(t, soon), dial), c.kind, c.text)
		})
	}
}

// TestRefused are settings that cannot be asked for: errors, not failures.
func TestRefused(t *testing.T) {
	none := func(context.Context, string, string) (Conn, error) {
		t.Error("dialled")
		return nil, io.EOF
	}
	for _, c := range []struct {
		h    HTTP
		text string
	}{
		{HTTP{URL: "https://127.0.0.1/"}, "TLS is not spoken"},
		{HTTP{URL: "http://me:secret@127.0.0.1/"}, "has a user in it"},
		{HTTP{URL: "http://example.com/"}, "names are not looked up"},
		{HTTP{URL: "http://[fe80::1%25lo]/"}, "has a zone"},
		{HTTP{URL: "http://127.0.0.1:0/"}, "port"},
		{HTTP{URL: "http://127.0.0.1:65536/"}, "port"},
		{HTTP{URL: "http://127.0.0.1/?a b"}, "space"},
		{HTTP{URL: "127.0.0.1:80"}, "127.0.0.1:80"},
		{HTTP{URL: "http:127.0.0.1"}, "not of the form"},
		{HTTP{URL: "http://127.0.0.1/", Method: "GET /x"}, "method"},
		{HTTP{URL: "http://127.0.0.1/", Header: map[string]string{"A": "b\r\nC: d"}}, "cannot be sent"},
		{HTTP{URL: "http://127.0.0.1/", Header: map[string]string{"A B": "c"}}, "cannot be sent"},
	} {
		r := c.h.Probe(within(t, soon), none)
		want(t, r, health.Error, c.text)
		if strings.Contains(r.Output, "secret") {
			t.Errorf("tells the password: %s", r.Output)
		}
	}
}

// TestWhere shows which address is dialled.
func TestWhere(t *testing.T) {
	for url, wanted := range map[string]string{
		"http://127.0.0.1":          "tcp 127.0.0.1:80",
		"http://127.0.0.1:8080/x":   "tcp 127.0.0.1:8080",
		"http://[::1]/":             "tcp [::1]:80",
		"http://[::1]:8080":         "tcp [::1]:8080",
		"http://localhost:81":       "tcp 127.0.0.1:81, tcp [::1]:81",
		"http://[::ffff:127.0.0.1]": "tcp [::ffff:127.0.0.1]:80",
	} {
		var got []string
		r := HTTP{URL: url}.Probe(within(t, soon), func(_ context.Context, network, address string) (Conn, error) {
			got = append(got, network+" "+address)
			return nil, refusal(address)
		})
		if list := strings.Join(got, ", "); list != wanted {
			t.Errorf("%s: %s, want %s", url, list, wanted)
		}
		want(t, r, health.Failure, "connect tcp "+strings.TrimPrefix(got[0], "tcp ")+": connection refused (ECONNREFUSED)")
	}
}

// TestIPv6Host is about the brackets, which belong into Host.
func TestIPv6Host(t *testing.T) {
	got := make(chan string, 1)
	address := peer(t, func(c net.Conn) {
		b := make([]byte, 4096)
		n, _ := c.Read(b)
		got <- string(b[:n])
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		c.(*net.TCPConn).CloseWrite()
	})
	there := func(ctx context.Context, network, _ string) (Conn, error) { return dial(ctx, network, address) }
	want(t, HTTP{URL: "http://[::1]:99"}.Probe(within(t, soon), there), health.Success, "200 OK")
	if text := <-got; !strings.HasPrefix(text, "GET / HTTP/1.1\r\nHost: [::1]:99\r\nUser-Agent: mini\r\nAccept: */*\r\nConnection: close\r\n\r\n") {
		t.Errorf("%q", text)
	}
}
