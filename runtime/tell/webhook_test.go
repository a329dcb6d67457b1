package tell

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// hooked is a Teller with a webhook, and what it says.
func hooked(t *testing.T, url string) (*Teller, func() string) {
	t.Helper()
	var mu sync.Mutex
	said := ""
	teller, err := New(Config{ID: "web", Settings: Settings{Webhook: url}, Say: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		said += s + "\n"
	}})
	if err != nil {
		t.Fatal(err)
	}
	return teller, func() string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

// collector is a server that answers with a list of statuses, the last for ever.
type collector struct {
	mu       sync.Mutex
	statuses []int
	bodies   []string // of those answered with 2xx
	requests []*http.Request
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	status := 204
	if len(c.statuses) > 0 {
		if status = c.statuses[0]; len(c.statuses) > 1 {
			c.statuses = c.statuses[1:]
		}
	}
	if status < 300 {
		c.bodies = append(c.bodies, string(body))
	}
	c.requests = append(c.requests, r)
	w.WriteHeader(status)
}

// TestWebhook posts each event, in order, in a request that net/http understands.
func TestWebhook(t *testing.T) {
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	teller, said := hooked(t, strings.Replace(server.URL, "http://", "http://me:secret@", 1)+"/hook?a=b%20c")
	for _, state := range []string{"starting", "healthy", "exited"} {
		teller.Tell(Event{Kind: State, State: state})
	}
	teller.Close(time.Minute)
	if len(c.bodies) != 3 || said() != "" {
		t.Fatalf("got %q, said %q", c.bodies, said())
	}
	for i, state := range []string{"starting", "healthy", "exited"} {
		if !strings.Contains(c.bodies[i], `"state":"`+state+`"`) || !strings.HasSuffix(c.bodies[i], "}\n") {
			t.Errorf("body %d is %q", i, c.bodies[i])
		}
	}
	r := c.requests[0]
	user, password, _ := r.BasicAuth()
	if r.Method != "POST" || r.URL.String() != "/hook?a=b%20c" || r.Header.Get("Content-Type") != "application/json" ||
		user != "me" || password != "secret" || "http://"+r.Host != server.URL {
		t.Errorf("got %+v", r)
	}
}

// TestWebhookRetries: what the server is to blame for is tried again, and said
// once; the order stays.
func TestWebhookRetries(t *testing.T) {
	c := &collector{statuses: []int{500, 503, 429, 200}}
	server := httptest.NewServer(c)
	defer server.Close()
	teller, said := hooked(t, server.URL)
	teller.Tell(Event{Kind: State, State: "one"})
	teller.Tell(Event{Kind: State, State: "two"})
	teller.Close(time.Minute)
	if len(c.bodies) != 2 || !strings.Contains(c.bodies[0], "one") || !strings.Contains(c.bodies[1], "two") {
		t.Errorf("got %q", c.bodies)
	}
	if s := said(); strings.Count(s, "\n") != 2 || !strings.Contains(s, "status 500") || !strings.Contains(s, "works again\n") {
		t.Errorf("said %q", s)
	}
}

// TestWebhookRefused: what the event is to blame for is not; the next one tells.
func TestWebhookRefused(t *testing.T) {
	c := &collector{statuses: []int{400, 301, 200}}
	server := httptest.NewServer(c)
	defer server.Close()
	teller, said := hooked(t, server.URL)
	for range 3 {
		teller.Tell(Event{Kind: State})
	}
	teller.Close(time.Minute)
	if len(c.bodies) != 1 || !strings.Contains(c.bodies[0], `"dropped":2}`) || teller.Dropped() != 2 {
		t.Errorf("got %q, %d dropped", c.bodies, teller.Dropped())
	}
	if s := said(); !strings.Contains(s, "refused the event with status 400") {
		t.Errorf("said %q", s)
	}
}

// TestWebhookHangs: a server that takes connections and says nothing, or stops
// in the middle, does not keep Tell, nor Close longer than it was told.
func TestWebhookHangs(t *testing.T) {
	for _, answer := range []string{"", "HTTP/1.1 ", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 P\r\nA: b\r\n"} {
		t.Run(answer, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = io.WriteString(conn, answer)
					defer conn.Close()
				}
			}()
			teller, said := hooked(t, "http://"+l.Addr().String()+"/")
			begun := time.Now()
			for range 1000 {
				teller.Tell(Event{Kind: State})
			}
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("Tell took %s", took)
			}
			teller.Close(100 * time.Millisecond)
			if took := time.Since(begun); took > 2*time.Minute {
				t.Errorf("it took %s", took)
			}
			if teller.Dropped() != 1000 || !strings.Contains(said(), "1000 events did not get there") {
				t.Errorf("%d dropped, said %q", teller.Dropped(), said())
			}
		})
	}
}

// TestWebhookLate: a server that is not there yet when the last event is told
// gets it all the same.
func TestWebhookLate(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "hook")
	teller, said := hooked(t, "unix:"+socket+":/a/b")
	refused := make(chan bool)
	say := teller.queues[0].say
	teller.queues[0].say = func(s string) {
		say(s)
		if strings.Contains(s, "no such file") {
			close(refused)
		}
	}
	teller.Tell(Event{Kind: State, State: "exited"})
	<-refused
	done := make(chan bool)
	go func() { teller.Close(time.Minute); close(done) }()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{}
	server := &http.Server{Handler: c}
	go func() { _ = server.Serve(l) }()
	<-done
	server.Close()
	if len(c.bodies) != 1 || c.requests[0].URL.Path != "/a/b" || c.requests[0].Host != "localhost" {
		t.Errorf("got %q, said %q", c.bodies, said())
	}
}

func TestParseWebhook(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"http://example.org", "tcp example.org:80 / example.org"},
		{"http://[::1]:8080/x?y#z", "tcp [::1]:8080 /x?y [::1]:8080"},
		{"http://example.org?q", "tcp example.org:80 /?q example.org"},
		{"unix:/run/hook.sock", "unix /run/hook.sock / localhost"},
		{"unix:///run/hook.sock:/e/v", "unix /run/hook.sock /e/v localhost"},
		{"https://example.org/", "error: mini has no TLS"},
		{"ftp://example.org/", "error: want http://"}, {"example.org", "error: want http://"}, {"http:///x", "error: want http://"},
		{"http://a b/", "error: invalid"}, {"http://a/\r\nX: y", "error: net/url"},
		{"unix:run/hook", "error: unix:run/hook: the path of the socket must begin with /"},
		{"unix:/a:/b c", "error: unix:/a:/b c: the path of the request"},
		{"unix:/" + strings.Repeat("x", 200), "error: unix:/xxx"},
	} {
		got := ""
		if w, err := parseWebhook(tt.text); err != nil {
			got = "error: " + err.Error()
		} else {
			got = w.network + " " + w.address + " " + w.path + " " + w.host
		}
		if got != tt.want && (!strings.HasPrefix(tt.want, "error") || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestSettings: what can never work is refused, without the password in it.
func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, ""}, {Settings{Webhook: "http://a/", MetricsFile: "/f.prom", MetricsListen: ":9"}, ""},
		{Settings{Webhook: "https://u:secret@a/b/c"}, "webhook https://…@a/b/c: mini has no TLS"},
		{Settings{Webhook: "ftp://u:secret@a"}, "webhook ftp://…@a: want"},
		{Settings{MetricsFile: "f.prom"}, "metrics file f.prom: must be"},
		{Settings{MetricsListen: "localhost"}, "metrics address localhost: want"},
		{Settings{OnEvent: []string{""}}, "the command"}, {Settings{OnEventTimeout: -1}, "a time"},
	} {
		err := tt.s.Check()
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(errText(err), "secret") {
			t.Errorf("%+v: %v, want %s", tt.s, err, tt.want)
		}
		if tt.s.Any() != (tt.s.OnEvent != nil || tt.s.Webhook+tt.s.MetricsFile+tt.s.MetricsListen != "") {
			t.Errorf("%+v: Any is %v", tt.s, tt.s.Any())
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReadStatus(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{"HTTP/1.1 204 No Content\r\n\r\n", 204}, {"HTTP/1.0 200\r\n", 200}, {"HTTP/1.1 200 \n", 200},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n b\r\n\r\nHTTP/1.1 202 Yes\r\n", 202},
		{"HTTP/1.1 500 " + strings.Repeat("x", 5000) + "\r\n", 500},
		{"HTTP/1.1 100 \r\n" + strings.Repeat("A: b\r\n", 10000) + "\r\nHTTP/1.1 200 \r\n", 0},
		{"", 0}, {"SSH-2.0-OpenSSH_9.2\r\n", 0}, {"HTTP/1.1 2000 No\r\n", 0}, {"HTTP/1.1 099 No\r\n", 0},
		{"HTTP/2.0 200 OK\r\n", 0}, {"HTTP/1.1 200", 0}, {"HTTP/1.1 100 \r\n\r\n", 0}, {"HTTP/1.1 +20 \r\n", 0},
	} {
		if got, err := readStatus(strings.NewReader(tt.text)); got != tt.want || (err == nil) != (tt.want != 0) {
			t.Errorf("%.60q: %d, %v, want %d", tt.text, got, err, tt.want)
		}
	}
}

// FuzzReadStatus: a status is three digits, or there is an error.
func FuzzReadStatus(f *testing.F) {
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n")
	f.Add("HTTP/1.1 100 Continue\r\nA: b\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := readStatus(strings.NewReader(text)); err == nil && (got < 200 || got > 999) {
			t.Errorf("%d", got)
		}
	})
}

// FuzzReadRequest: no request makes a method or a target of more than one word.
func FuzzReadRequest(f *testing.F) {
	f.Add("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
	f.Add("GET  HTTP/1.1\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		method, target, err := readRequest(strings.NewReader(text))
		if err == nil && strings.ContainsAny(method+target, " \n") {
			t.Errorf("%q %q", method, target)
		}
	})
}

// TestDeliverTooOld: an event that has waited too long still gets one attempt.
func TestDeliverTooOld(t *testing.T) {
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	w, err := parseWebhook(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	err = w.deliver(context.Background(), item{line: []byte("{}\n")}, nil, nil)
	if err != nil || len(c.bodies) != 1 {
		t.Errorf("got %q, %v", c.bodies, err)
	}
}
