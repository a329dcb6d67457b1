package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// service is one as Debian has it, on a copy-on-write view of this machine.
type service struct {
	program []string
	check   string   // its kind, for a health file
	port    int      // on which it listens
	files   []string // of the machine, which it would change out here
}

var services = map[string]service{
	"nginx": {
		program: []string{"nginx", "-g", "daemon off;"},
		check:   `"http": {"url": "http://127.0.0.1:80/", "match": "Welcome to nginx"}`,
		port:    80,
		files:   []string{"/var/log/nginx", "/var/lib/nginx", "/run/nginx.pid"},
	},
	"redis": {
		program: []string{"redis-server"},
		check:   `"tcp": {"address": "127.0.0.1:6379", "send": "PING\r\n", "expect": "+PONG"}`,
		port:    6379,
		files:   []string{"/dump.rdb", "/var/lib/redis", "/var/log/redis"},
	},
}

// onService runs it, healthy, for each test: with a startup check, because it takes
// its time, and a liveness check that notices when it hangs: when there is no answer
// for so long.
func onService(t *testing.T, what string, hangs time.Duration, test func(*testing.T, user, *story, happening)) {
	v := services[what]
	if _, err := exec.LookPath(v.program[0]); err != nil {
		t.Fatalf("run hack/bootstrap: %v", err)
	}
	u := newUser(t)
	before := v.traces(t)
	file := healthFile(t, fmt.Sprintf(`{"checks": [{"name": "up", "role": "startup", %s, "interval": "50ms"},
		{"name": "well", %s, "interval": "50ms", "timeout": %q, "failures": 2}]}`, v.check, v.check, hangs.String()))
	u.detached(site, slices.Concat([]string{"--rootfs", "/", "--restart", "always", "--restart-delay", "10ms", "--grace", "200ms",
		"--health-file", file, "--"}, v.program)...)
	s := u.story(site)
	test(t, u, s, s.state("healthy"))
	u.mini("stop", "--grace", "1m", site).wants(t, 0, "")
	if after := v.traces(t); after != before {
		t.Errorf("the machine itself was\n%s\nand is\n%s", before, after)
	}
}

// traces are what the service would leave out here.
func (v service) traces(t *testing.T) string {
	t.Helper()
	found := fmt.Sprintln("port", v.port, listens(v.port))
	for _, file := range v.files {
		_ = filepath.Walk(file, func(path string, info os.FileInfo, err error) error {
			if err == nil {
				found += fmt.Sprintln(path, info.Size(), info.ModTime())
			}
			return nil // it is not there
		})
	}
	return found
}

// listens says whether somebody takes connections on a port of the machine.
func listens(port int) bool {
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// TestServiceStopped: it ends as it does by itself, with status 0, and stays so.
func TestServiceStopped(t *testing.T) {
	for what, v := range services {
		t.Run(what, func(t *testing.T) {
			onService(t, what, patience(), func(t *testing.T, u user, s *story, up happening) {
				if out, in := listens(v.port), len(members(t, site)); out || in == 0 {
					t.Errorf("its port is open out here: %v; %d processes", out, in)
				}
				u.mini("stop", "--grace", "1m", site).wants(t, 0, "")
				s.state("exited")
				s.wants("starting healthy stopping died exited")
				if end := u.inspect(site).Exit; end == nil || end.Status != 0 {
					t.Errorf("the end: %+v", end)
				}
			})
		})
	}
}

// TestServiceHangs: all of its processes are stopped, the port is open.
func TestServiceHangs(t *testing.T) {
	for what := range services {
		t.Run(what, func(t *testing.T) {
			onService(t, what, 2*time.Second, func(t *testing.T, u user, s *story, up happening) {
				signalAll(t, unix.SIGSTOP, members(t, site)...)
				if ill := s.state("unhealthy"); ill.Probe == nil || ill.Probe.Check != "well" || !strings.Contains(ill.Probe.Output, "no answer") {
					t.Errorf("it is unhealthy by %+v", ill.Probe)
				}
				if died := s.kind("died"); died.Signal != "SIGKILL" { // what is stopped takes no SIGTERM
					t.Errorf("the end: %+v", died)
				}
				restarted(t, s, up)
			})
		})
	}
}

// TestServiceKilled: its first process, from outside.
func TestServiceKilled(t *testing.T) {
	for what := range services {
		t.Run(what, func(t *testing.T) {
			onService(t, what, patience(), func(t *testing.T, u user, s *story, up happening) {
				signalAll(t, unix.SIGKILL, up.Pid)
				if died := s.kind("died"); died.Signal != "SIGKILL" || strings.Contains(died.Reason, "unhealthy") {
					t.Errorf("the end: %+v", died)
				}
				restarted(t, s, up)
			})
		})
	}
}

// restarted wants another run that is well.
func restarted(t *testing.T, s *story, before happening) {
	t.Helper()
	again := s.state("healthy")
	if again.Pid == before.Pid || again.Pid == 0 || again.Restarts != 1 {
		t.Errorf("before: %+v, after: %+v", before, again)
	}
	for _, pid := range members(t, s.name) {
		if pid == before.Pid {
			t.Errorf("%s is still there", describe(pid))
		}
	}
}

// TestServiceLosesWorker: nginx makes another worker by itself, and nothing is done
// about that.
func TestServiceLosesWorker(t *testing.T) {
	onService(t, "nginx", patience(), func(t *testing.T, u user, s *story, up happening) {
		var workers []int
		await(t, "its workers", func() bool { workers = processes(t, site, "nginx: worker"); return len(workers) > 0 })
		signalAll(t, unix.SIGKILL, workers...)
		await(t, "other workers", func() bool {
			now := processes(t, site, "nginx: worker") // may be more: one was on its way
			return len(now) >= len(workers) && !slices.ContainsFunc(now, func(pid int) bool { return slices.Contains(workers, pid) })
		})
		asked := u.lastProbe(site)
		await(t, "a probe after that", func() bool { return u.lastProbe(site).Sub(asked) > time.Millisecond }) // wall clock, from another one
		if v, _ := u.health(site); v.State != "healthy" || v.Pid != up.Pid || v.Restarts != 0 {
			t.Errorf("got %+v", v)
		}
	})
}
