package integration

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// TestFaultKilled: the process is killed from outside, by somebody else than mini.
func TestFaultKilled(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exec $serve")
	u.detached(site, append(web(t), args...)...)
	s := u.story(site)
	first := s.state("healthy")
	signalAll(t, unix.SIGKILL, first.Pid)
	if died := s.kind("died"); died.Signal != "SIGKILL" || died.Status == nil || *died.Status != 137 {
		t.Errorf("the end: %+v", died)
	}
	again := s.state("healthy")
	if again.Pid == first.Pid || again.Restarts != 1 || unix.Kill(again.Pid, 0) != nil {
		t.Errorf("after it: %+v", again)
	}
	s.ends(u, runs)
	s.wants("starting healthy died backoff created starting healthy stopping died exited")
}

// TestFaultKilledOften: at random moments, also while mini restart asks for the
// same. No restart is lost: there is a next run each time. None is doubled: each
// run begins once, when the one before has ended.
func TestFaultKilledOften(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exec sleep 1000")
	u.detached(site, append([]string{"--restart", "always", "--restart-delay", "1ms", "--restart-delay-factor", "1",
		"--start-limit", "none", "--grace", "0s"}, args...)...)
	s := u.story(site)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	const kills = 30
	for n := range kills {
		now := s.state("healthy")
		time.Sleep(time.Duration(rnd.Int64N(int64(10 * time.Millisecond)))) // a random moment of its life
		asked := make(chan result)
		if both := rnd.IntN(3) == 0; both {
			cmd := u.command("restart", site)
			go func() { asked <- finish(t, cmd) }()
		} else {
			close(asked)
		}
		_ = unix.Kill(now.Pid, unix.SIGKILL) // mini restart may have been faster
		if r := <-asked; r.status != 0 {
			t.Errorf("restart %d: %+v", n, r)
		}
		if s.kind("died"); len(processes(t, site, "sleep 1000")) > 1 {
			t.Errorf("after kill %d two runs go on: %v", n, processes(t, site, "sleep 1000"))
		}
	}
	s.state("healthy")
	s.stop(u)
	begun := strings.Count(s.words(), "healthy")
	if n := s.deaths(); n != begun || n <= kills || n > 2*kills+1 {
		t.Errorf("%d kills: %d runs have begun, %d have ended", kills, begun, n)
	}
	if n := runs(); n > begun { // one that was killed at once could not count itself
		t.Errorf("%d runs have begun, the container has seen %d", begun, n)
	}
}

// TestFaultEndsAtOnce: a program that never comes up is not started for ever, and
// what is told of it is enough to know why.
func TestFaultEndsAtOnce(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "echo no; exit 3")
	u.detached(site, append([]string{"--restart", "always", "--restart-delay", "1ms", "--start-limit", "5/1h"}, args...)...)
	u.mini("wait", site).wants(t, 3, "3\n")
	if n := runs(); n != 5 {
		t.Errorf("%d runs, want 5: the start limit", n)
	}
	s := u.story(site)
	last := s.state("failed")
	for _, want := range []string{"started 5 times", "last exit status 3"} {
		if !strings.Contains(last.Reason, want) {
			t.Errorf("it has failed because %q, which says nothing of %q", last.Reason, want)
		}
	}
	if n := s.deaths(); n != 5 {
		t.Errorf("the journal tells of %d ends: %s", n, s.words())
	}
	if end := u.inspect(site).Exit; end == nil || !strings.Contains(end.Death, last.Reason) {
		t.Errorf("mini state tells %+v", end)
	}
	if v, status := u.health(site); status != 1 || v.State != "failed" || v.Restarts != 4 {
		t.Errorf("health: %d, %+v", status, v)
	}
}

// TestFaultBackoff: each wait is longer than the last.
func TestFaultBackoff(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exit 3")
	u.detached(site, append([]string{"--restart", "on-failure:3", "--restart-delay", "60ms", "--restart-delay-factor", "2",
		"--restart-delay-jitter", "0", "--start-limit", "none"}, args...)...)
	u.mini("wait", site).wants(t, 3, "3\n")
	waits := u.waits(site)
	if len(waits) != 3 || runs() != 4 {
		t.Fatalf("waits %v, %d runs", waits, runs())
	}
	for i, least := range []time.Duration{60, 120, 240} {
		if waits[i] < least*time.Millisecond {
			t.Errorf("wait %d took %s, want %d ms at least", i, waits[i], least)
		}
	}
}

// TestFaultHang: a server that is stopped has its port open, and the kernel takes
// connections for it. A tcp check is content with that, an http check is not.
func TestFaultHang(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exec $serve")
	u.detached(site, slices.Concat(serving(t), []string{"--health-file", healthFile(t, `{"onFailure": "none", "checks": [
		{"name": "port", "role": "readiness", "tcp": {"address": "127.0.0.1:8080"}, "interval": "20ms", "timeout": "30s"},
		{"name": "page", "http": {"url": "http://127.0.0.1:8080/healthz"}, "interval": "20ms", "timeout": "1s", "failures": 2}]}`)}, args)...)
	s := u.story(site)
	up := s.state("healthy")
	signalAll(t, unix.SIGSTOP, up.Pid)
	stopped := time.Now()
	ill := s.state("unhealthy")
	if ill.Probe == nil || ill.Probe.Check != "page" || ill.Probe.Result != "failure" || ill.Probe.Row != 2 {
		t.Errorf("it is unhealthy by %+v", ill.Probe)
	}
	await(t, "a success of the tcp check", func() bool {
		v, _ := u.health(site)
		port := v.Checks[0]
		return port.State == "passing" && port.Results[0].Kind == "success" && port.Results[0].At.After(stopped)
	})
	signalAll(t, unix.SIGCONT, up.Pid)
	if well := s.state("healthy"); well.Pid != up.Pid || well.Restarts != 0 {
		t.Errorf("after it: %+v", well)
	}
	s.ends(u, runs)
	for _, h := range s.all {
		if h.Probe != nil && h.Probe.Check == "port" && h.Probe.Result != "success" && runs() == 1 && strings.Contains(h.Probe.Output, "timed out") {
			t.Errorf("the tcp check says %+v", *h.Probe)
		}
	}
}

// TestFaultHangIsRestarted: a process that is stopped takes no SIGTERM, but it can
// be killed.
func TestFaultHangIsRestarted(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exec $serve")
	u.detached(site, slices.Concat(web(t), []string{"--grace", "100ms", "--health-timeout", "2s", "--health-retries", "2"}, args)...)
	s := u.story(site)
	first := s.state("healthy")
	signalAll(t, unix.SIGSTOP, first.Pid)
	s.state("unhealthy")
	if died := s.kind("died"); died.Signal != "SIGKILL" || !strings.Contains(died.Reason, "unhealthy") {
		t.Errorf("the end: %+v", died)
	}
	if again := s.state("healthy"); again.Pid == first.Pid {
		t.Errorf("after it: %+v", again)
	}
	s.ends(u, runs)
	s.wants("starting healthy unhealthy stopping died backoff created starting healthy stopping died exited")
}

// TestFaultPortClosed: the server is gone, process 1 is not.
func TestFaultPortClosed(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "trap 'exit 1' TERM; $serve & while :; do sleep 0.02; done")
	u.detached(site, append(web(t), args...)...)
	s := u.story(site)
	first := s.state("healthy")
	server := processes(t, site, "/tmp/userland serve")
	if len(server) != 1 {
		t.Fatalf("servers: %v", server)
	}
	signalAll(t, unix.SIGKILL, server...)
	if ill := s.state("unhealthy"); ill.Probe == nil || !strings.Contains(ill.Probe.Output, "ECONNREFUSED") || ill.Probe.Row != 3 || ill.Pid != first.Pid {
		t.Errorf("it is unhealthy by %+v", ill.Probe)
	}
	if died := s.kind("died"); died.Status == nil || *died.Status != 1 || died.Signal != "" {
		t.Errorf("the end: %+v", died)
	}
	s.state("healthy")
	s.ends(u, runs)
	s.wants("starting healthy unhealthy stopping died backoff created starting healthy stopping died exited")
}

// slow is a startup check, and a liveness check that would end a service which is
// not up yet.
const slow = `{"checks": [
	{"role": "startup", "tcp": {"address": "127.0.0.1:8080"}, "interval": "20ms", "failures": FAILURES},
	{"role": "liveness", "http": {"url": "http://127.0.0.1:8080/healthz"}, "interval": "20ms", "failures": 1}]}`

// TestFaultSlowStart: what takes its time to come up is left in peace.
func TestFaultSlowStart(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "until [ -e /data/go ]; do sleep 0.02; done; exec $serve")
	data, _, _ := strings.Cut(args[1], ":")
	file := healthFile(t, strings.Replace(slow, "FAILURES", "100000", 1))
	u.detached(site, slices.Concat(web(t)[:8], []string{"--health-file", file}, args)...)
	await(t, "probes of the startup check", func() bool {
		v, _ := u.health(site)
		if v.State != "starting" || len(v.Checks[1].Results) > 0 {
			t.Fatalf("while it starts: %+v", v)
		}
		return v.Checks[0].Failures > 10
	})
	touch(t, filepath.Join(data, "go"))
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	s := u.story(site)
	s.state("healthy")
	s.ends(u, runs)
	s.wants("starting healthy stopping died exited")
}

// TestFaultTooSlowStart: but not for ever.
func TestFaultTooSlowStart(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "[ $n = 2 ] || exec sleep 1000; exec $serve")
	file := healthFile(t, strings.Replace(slow, "FAILURES", "150", 1))
	u.detached(site, slices.Concat(web(t)[:8], []string{"--health-file", file, "--grace", "0s"}, args)...)
	s := u.story(site)
	if ill := s.state("unhealthy"); ill.Probe == nil || ill.Probe.Check != "tcp" || ill.Probe.Row != 150 {
		t.Errorf("it is unhealthy by %+v", ill.Probe)
	}
	s.state("healthy")
	s.ends(u, runs)
	s.wants("starting unhealthy stopping died backoff created starting healthy stopping died exited")
}

// TestNameOfANeighbour: a container of the same name in another state directory
// would have the same cgroup. It does not start, and its failure is not the end of
// the first.
func TestNameOfANeighbour(t *testing.T) {
	u, other := newUser(t), newUser(t)
	args, runs := counted(t, u, "exec sleep 1000")
	u.detached(site, args...)
	pid := u.inspect(site).Pid
	for _, flags := range [][]string{nil, {"-d"}, {"--restart", "always", "--restart-delay", "1ms"}} {
		r := other.mini(slices.Concat([]string{"run", "--name", site}, flags, []string{other.bundle(sh("exit 0"))})...)
		r.wants(t, 125, "")
		r.says(t, "not empty")
	}
	other.mini("gc").wantStatus(t, 0)
	if s := u.inspect(site); s.Pid != pid || s.Status != specs.StateRunning || runs() != 1 {
		t.Errorf("the first is %+v", s)
	}
}
