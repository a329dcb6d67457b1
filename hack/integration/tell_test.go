package integration

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// told is an event as a reader sees it.
type told struct {
	Time        time.Time
	ID          string
	Event       string
	From, State string
	Pid         int
	Restarts    int
	Status      *int
	Reason      string
	Death       map[string]any
	Dropped     int
}

func parse(t *testing.T, line string) (e told) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	return e
}

// brief is the states of one container among lines, and what is no state by its
// name.
func brief(t *testing.T, id, lines string) (words []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		e := parse(t, line)
		switch {
		case e.ID != id:
		case e.Event == "state":
			words = append(words, e.State)
		default:
			words = append(words, e.Event)
		}
	}
	return words
}

func wantWords(t *testing.T, got []string, want string) {
	t.Helper()
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got %q, want %q", s, want)
	}
}

const untilStopped = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"

// TestEventsFollow sees containers that are there and those that come, detached
// and not, restarted and removed.
func TestEventsFollow(t *testing.T) {
	u := newUser(t)
	u.detached("old", u.bundle(sh(untilStopped)))
	b := u.start("events", "-f", "--since", "0")
	if e := parse(t, b.first); e.ID != "old" || e.Event != "state" || e.Pid == 0 || time.Since(e.Time) > patience() {
		t.Errorf("the first is %s", b.first)
	}
	lines := b.first
	until := func(id, word string) { // what is gone before the follower has met it, it cannot tell of
		for !slices.Contains(brief(t, id, lines), word) {
			line, err := b.out.ReadString('\n')
			if err != nil {
				t.Fatalf("no %s of %s: %v after %s", word, id, err, lines)
			}
			lines += line
		}
	}
	u.detached("new", "--restart", "on-failure:1", u.bundle(sh("exit 3")))
	u.mini("wait", "new").wants(t, 3, "3\n")
	until("new", "failed")
	u.mini("delete", "new").wants(t, 0, "")
	data := t.TempDir()
	front := u.start("run", "--name", "front", "--restart", "on-failure:1", "--volume", data+":/data",
		u.bundle(sh("echo up; until [ -e /data/go ]; do sleep 0.02; done; exit 4")))
	until("front", "healthy")
	touch(t, filepath.Join(data, "go"))
	front.wait().wants(t, 4, "up\n") // a second time
	u.mini("stop", "old").wants(t, 0, "")
	u.mini("delete", "old").wants(t, 0, "")
	until("old", "removed")
	b.signal(syscall.SIGTERM)
	wantWords(t, brief(t, "old", lines), "healthy stopping died exited removed")
	wantWords(t, brief(t, "new", lines), "healthy died backoff created healthy died failed removed")
	wantWords(t, brief(t, "front", lines), "healthy died backoff created healthy died failed removed")
}

// TestEventsFollowOne ends with its container, and has the account of its death.
func TestEventsFollowOne(t *testing.T) {
	u := newUser(t)
	u.detached("web", u.bundle(sh(untilStopped)))
	b := u.start("events", "-f", "--since", "10m", "web")
	u.mini("stop", "web")
	r := b.wait()
	r.wants(t, 0, r.stdout)
	wantWords(t, brief(t, "web", b.first+r.stdout), "healthy stopping died exited")
	for line := range strings.Lines(r.stdout) {
		if e := parse(t, line); e.Event == "died" && (e.Status == nil || *e.Status != 0 || e.Death["id"] != "web") {
			t.Errorf("got %s", line)
		}
	}
	// It has ended: that is all there will be.
	u.mini("events", "-f", "web").wants(t, 0, "")
	u.mini("events", "--since", "0", "web").wants(t, 0, b.first+r.stdout)
	u.mini("events", "--since", "0").wants(t, 0, b.first+r.stdout)
	u.mini("events", "-f", "none").wants(t, 125, "")
	u.mini("events", "-f", "--stats", "web").wants(t, 125, "")
	u.mini("events", "--since", "yesterday", "web").wants(t, 125, "")
}

// TestEventsSupervisorKilled: nobody is left who could tell more.
func TestEventsSupervisorKilled(t *testing.T) {
	u := newUser(t)
	u.detached("web", u.bundle(sh(untilStopped)))
	b := u.start("events", "-f", "--since", "0", "web")
	if err := unix.Kill(u.supervisor("web"), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if r := b.wait(); r.status != 0 {
		t.Errorf("got %+v", r)
	}
	u.mini("gc")
}

// TestOnEvent: a command in the foreground, whose output is not the program's.
func TestOnEvent(t *testing.T) {
	u := newUser(t)
	dir := t.TempDir()
	cmd := u.command("run", "--name", "web", "--on-event", "cat >>all; echo $MINI_EVENT $MINI_ID $MINI_STATE >>env; echo noise; echo noise >&2",
		u.bundle(sh("echo program; exit 3")))
	cmd.Dir = dir
	r := finish(t, cmd)
	r.wants(t, 3, "program\n")
	if strings.Contains(r.stderr, "noise") {
		t.Errorf("stderr is %q", r.stderr)
	}
	lines, _ := os.ReadFile(filepath.Join(dir, "all"))
	wantWords(t, brief(t, "web", string(lines)), "healthy died exited")
	env, _ := os.ReadFile(filepath.Join(dir, "env"))
	if got := string(env); !strings.HasSuffix(got, "\nstate web exited\n") || !strings.HasPrefix(got, "state web ") {
		t.Errorf("the environments were %q", got)
	}
}

// TestOnEventHangs: it is killed with its children, and the container has its
// status.
func TestOnEventHangs(t *testing.T) {
	u := newUser(t)
	dir := t.TempDir()
	cmd := u.command("run", "--on-event", "sleep 1000 & echo $! >>children; sleep 1000", "--on-event-timeout", "200ms", u.bundle(sh("exit 3")))
	cmd.Dir = dir
	r := finish(t, cmd)
	r.wants(t, 3, "")
	r.says(t, "took too long")
	children, _ := os.ReadFile(filepath.Join(dir, "children"))
	for _, pid := range strings.Fields(string(children)) {
		await(t, "the end of "+pid+", which was killed", func() bool {
			state, err := os.ReadFile("/proc/" + pid + "/stat")
			return err != nil || strings.Contains(string(state), ") Z ")
		})
	}
}

// hook is a server on a unix socket that keeps what is posted to it.
type hook struct {
	mu    sync.Mutex
	lines string
}

func (h *hook) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines += string(body)
}

// TestWebhook gets the last event, too.
func TestWebhook(t *testing.T) {
	u := newUser(t)
	socket := filepath.Join(t.TempDir(), "hook")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	h := &hook{}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	u.mini("run", "--name", "web", "--webhook", "unix:"+socket, u.bundle(sh("exit 3"))).wants(t, 3, "")
	h.mu.Lock()
	defer h.mu.Unlock()
	wantWords(t, brief(t, "web", h.lines), "healthy died exited")
}

// TestWebhookHangs costs the end a few seconds and nothing else.
func TestWebhookHangs(t *testing.T) {
	u := newUser(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	begun := time.Now()
	r := u.mini("run", "--webhook", "http://"+l.Addr().String(), u.bundle(sh("exit 3")))
	if took := time.Since(begun); took > patience()/2 {
		t.Errorf("it took %s", took)
	}
	r.wants(t, 3, "")
	r.says(t, "3 events did not get there")
	r = u.mini("run", "--webhook", "https://example.org", u.bundle(sh("exit 3")))
	r.wants(t, 125, "")
	r.says(t, "no TLS", "--on-event 'curl")
}

// TestVMMetrics: the numbers of a container with limits, by both ways.
func TestVMMetrics(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	dir := t.TempDir()
	file, socket := filepath.Join(dir, "web.prom"), filepath.Join(dir, "socket")
	u.detached("web", "--memory", "32m", "--cpus", "0.5", "--pids-limit", "7", "--metrics-file", file, "--metrics-listen", "unix:"+socket,
		u.bundle(sh(untilStopped)))
	u.mini("wait", "--for", "healthy", "web").wants(t, 0, "")
	page := scrape(t, socket)
	for _, want := range []string{
		`container_spec_memory_limit_bytes{id="/mini/web",name="web"} 33554432`, `container_spec_cpu_quota{id="/mini/web",name="web"} 50000`,
		`container_spec_cpu_period{id="/mini/web",name="web"} 100000`, `container_threads_max{id="/mini/web",name="web"} 7`,
		`container_oom_events_total{id="/mini/web",name="web"} 0`, `mini_container_state{id="/mini/web",name="web",state="healthy"} 1`,
		`mini_container_up{id="/mini/web",name="web"} 1`, `container_health_state{id="/mini/web",name="web"} -1`,
	} {
		if !slices.Contains(strings.Split(page, "\n"), want) {
			t.Errorf("no line %s", want)
		}
	}
	for _, some := range []string{"container_memory_usage_bytes", "container_processes", "container_threads", "container_memory_working_set_bytes"} {
		if !strings.Contains(page, "\n"+some+`{id="/mini/web",name="web"} `) || strings.Contains(page, "\n"+some+`{id="/mini/web",name="web"} 0`+"\n") {
			t.Errorf("no %s", some)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
	u.mini("stop", "web")
	// Who stops it does not wait for those who are told.
	last, err := os.ReadFile(file)
	for end := time.Now().Add(patience()); !strings.Contains(string(last), `state="exited"} 1`) && time.Now().Before(end); last, err = os.ReadFile(file) {
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil || strings.Contains(string(last), "container_memory_usage_bytes") {
		t.Errorf("%v, the last page: %s", err, last)
	}
	for end := time.Now().Add(patience()); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Lstat(socket); err != nil {
			return
		}
	}
	t.Error("the socket is still there")
}

func scrape(t *testing.T, socket string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: mini\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
