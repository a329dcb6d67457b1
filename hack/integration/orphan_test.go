package integration

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime"
)

// killSupervisor kills it and waits until it is dead.
func (u user) killSupervisor(name string) {
	u.t.Helper()
	pid := u.supervisor(name)
	fd, err := unix.PidfdOpen(pid, 0)
	if err == nil {
		err = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
	if err != nil {
		u.t.Fatal(err)
	}
	ended(u.t, fd)
}

// ended waits for the end of a process.
func ended(t *testing.T, pidfd int) {
	t.Helper()
	defer unix.Close(pidfd)
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(patience().Milliseconds()))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("a process that should have died lives: %v", err)
		}
		return
	}
}

// changesUser is a program that is no longer who its death signal was for.
func changesUser(s *specs.Spec) {
	for _, set := range []*[]string{&s.Process.Capabilities.Bounding, &s.Process.Capabilities.Effective, &s.Process.Capabilities.Permitted} {
		*set = append(*set, "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
	}
}

// TestGuard: a program that has changed its user, and so has no death signal,
// dies all the same, and so do all of its children; also when the first guard
// was killed before.
func TestGuard(t *testing.T) {
	tools, err := filepath.Abs(toolsPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"guarded", "guarded anew"} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t)
			dir := u.bundle(changesUser)
			args := []string{"--volume", tools + ":/root/userland:ro,noidmap", dir, "--", "/root/userland", "setpriv", "--reuid", "1000", "--",
				"/bin/sh", "-c", "sleep 1000 & grep Uid /proc/self/status; echo up; exec sleep 1000"}
			u.detached("web", args...)
			u.until("web", "up")
			if name == "guarded anew" {
				u.killGuard("web")
			}
			fd, err := unix.PidfdOpen(u.inspect("web").Pid, 0)
			if err != nil {
				t.Fatal(err)
			}
			u.killSupervisor("web")
			ended(t, fd)
			u.mini("gc").wantStatus(t, 0)
		})
	}
}

// killGuard kills it, and waits for another.
func (u user) killGuard(name string) {
	u.t.Helper()
	first := u.guard(name, 0)
	if err := unix.Kill(first, unix.SIGKILL); err != nil {
		u.t.Fatal(err)
	}
	u.guard(name, first)
}

// guard waits for one other than that.
func (u user) guard(name string, not int) int {
	u.t.Helper()
	found := 0
	u.eventually(func() bool {
		for _, pid := range children(u.supervisor(name)) {
			if comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); string(comm) == "mini guard\n" && pid != not {
				found = pid
			}
		}
		return found != 0
	})
	return found
}

const ticking = "trap 'echo bye; exit 3' TERM; i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.02; done"

// TestAdopt: the container lives on without its supervisor, and the next one has
// its log, its probes and its end.
func TestAdopt(t *testing.T) {
	for _, how := range []string{"adopt", "gc", "wait --timeout 1ms", "health", "logs", "run"} {
		t.Run(how, func(t *testing.T) {
			u := newUser(t)
			u.reaps()
			u.detached("web", "--on-supervisor-death", "adopt", "--health-cmd", "true", "--health-interval", "50ms", u.bundle(sh(ticking)))
			u.until("web", "tick 2")
			u.killSupervisor("web")
			before := u.inspect("web")
			if before.Status != specs.StateRunning {
				t.Fatalf("it has ended with its supervisor: %+v", before)
			}
			switch how {
			case "run":
				u.mini("run", u.bundle(), "--", "true").wantStatus(t, 0)
			case "gc":
				u.mini("gc").says(t, "adopted web")
			case "logs":
				u.until("web", "tick 20")
			default:
				u.mini(append(strings.Fields(how), "web")...)
			}
			u.mini("wait", "--for", "healthy", "web").wants(t, 0, "")
			if pid := u.inspect("web").Pid; pid != before.Pid {
				t.Errorf("pid %d, want %d", pid, before.Pid)
			}
			u.until("web", "tick 30")
			u.mini("adopt", "web").wantStatus(t, 125) // it has one
			u.mini("stop", "web").wants(t, 0, "")
			u.mini("wait", "web").wants(t, 3, "3\n")
			if u.whole("web"); t.Failed() {
				t.Log(u.mini("logs", "web"))
			}
		})
	}
}

// whole wants no tick of the log to be missing.
func (u user) whole(name string) {
	u.t.Helper()
	n := 0
	for line := range strings.Lines(u.mini("logs", name).stdout) {
		if line == "bye\n" {
			continue
		}
		if n++; line != fmt.Sprintf("tick %d\n", n) {
			u.t.Errorf("line %d is %q", n, line)
			return
		}
	}
}

// TestAdoptDead: one that ends while nobody watches is restarted, if that is its
// policy, and else its end is found, with the status where that is still known.
func TestAdoptDead(t *testing.T) {
	u := newUser(t)
	u.reaps()
	args, runs := counted(t, u, "echo run $n; exec sleep 1000")
	u.detached("again", append([]string{"--on-supervisor-death", "adopt", "--restart", "on-failure"}, args...)...)
	u.until("again", "run 1")
	u.killSupervisor("again")
	u.mini("kill", "again", "KILL").wants(t, 0, "")
	u.mini("adopt", "again").wants(t, 0, "")
	u.until("again", "run 2")
	u.mini("stop", "again").wants(t, 0, "")
	if n := runs(); n != 2 {
		t.Errorf("%d runs", n)
	}

	u.detached("once", "--on-supervisor-death", "adopt", u.bundle(sh("echo up; exec sleep 1000")))
	u.until("once", "up")
	u.killSupervisor("once")
	pid := u.inspect("once").Pid
	u.mini("kill", "once", "KILL").wants(t, 0, "")
	await(t, "its end", func() bool { return slices.Contains(zombies(os.Getpid()), pid) }) // who meets it alive learns the status
	if r := u.mini("wait", "once"); r.status != 0 || !strings.Contains(r.stderr, "exit status") {
		t.Errorf("the end of one that nobody watched: %+v", r)
	}
	if s := u.inspect("once"); s.Exit == nil || s.Exit.Status != -1 {
		t.Errorf("state: %+v", s.Exit)
	}
}

// TestAdoptDeadByMany: of those who ask at once for the end of one that nobody watches,
// one has it found, and all are told the same.
func TestAdoptDeadByMany(t *testing.T) {
	u := newUser(t)
	u.reaps()
	for i := range 3 {
		name := fmt.Sprint("once", i)
		u.detached(name, "--on-supervisor-death", "adopt", u.bundle(sh("echo up; exec sleep 1000")))
		u.until(name, "up")
		u.killSupervisor(name)
		u.mini("kill", name, "KILL").wants(t, 0, "")
		done := make(chan result)
		const n = 8
		for range n {
			go func() { done <- u.mini("wait", name) }()
		}
		first := <-done
		for range n - 1 {
			if r := <-done; r != first {
				t.Errorf("%+v, and another was told %+v", first, r)
			}
		}
		if events := u.mini("events", "--since", "0", name).stdout; strings.Count(events, `"event":"died"`) != 1 {
			t.Errorf("it has not ended once:\n%s", events)
		}
	}
}

// TestAdoptDeleted: who asked for the end before is heard.
func TestAdoptDeleted(t *testing.T) {
	u := newUser(t)
	u.reaps()
	u.detached("web", "--on-supervisor-death", "adopt", u.bundle(sh("echo up; exec sleep 1000")))
	u.until("web", "up")
	u.killSupervisor("web")
	u.mini("delete", "web").wantStatus(t, 125) // it runs
	u.mini("delete", "--force", "web").wants(t, 0, "")
	u.detached("gone", "--on-supervisor-death", "adopt", u.bundle(sh("trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done")))
	u.until("gone", "up")
	u.killSupervisor("gone")
	u.mini("stop", "gone").wants(t, 0, "")
	u.mini("wait", "gone").wants(t, 4, "4\n")
}

// TestAdoptMany: two at once adopt once.
func TestAdoptTwice(t *testing.T) {
	u := newUser(t)
	u.reaps()
	u.detached("web", "--on-supervisor-death", "adopt", u.bundle(sh(ticking)))
	u.until("web", "tick 1")
	for range 5 {
		u.killSupervisor("web")
		done := make(chan result)
		for range 3 {
			go func() { done <- u.mini("wait", "--for", "started", "web") }()
		}
		for range 3 {
			if r := <-done; r.status != 0 {
				t.Errorf("%+v", r)
			}
		}
	}
	u.mini("stop", "web").wants(t, 0, "")
	u.mini("wait", "web").wants(t, 3, "3\n")
	u.whole("web")
}

// TestSupervisorsKilledAtRandom kills supervisors of containers that end and are
// restarted all the time, at any moment: after the next command there is one
// supervisor and one run, or none of both if it was started never.
func TestSupervisorsKilledAtRandom(t *testing.T) {
	u := newUser(t)
	u.reaps()
	args, runs := counted(t, u, "echo run $n; sleep 0.03; exit 1")
	u.detached("web", append([]string{"--on-supervisor-death", "adopt", "--restart", "always", "--start-limit", "none"}, args...)...)
	kills := 25
	if inVM {
		kills = 10
	}
	for range kills {
		time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
		before := runs()
		u.killSupervisor("web")
		u.mini("adopt", "web").wants(t, 0, "")
		u.eventually(func() bool { return runs() > before })
	}
	u.mini("stop", "web").wants(t, 0, "")
}

// TestKilledSupervisorIsToldOf: the account of such an end is not lost, though
// nothing else is left: followers get it, and whoever runs the next mini.
func TestKilledSupervisorIsToldOf(t *testing.T) {
	for _, next := range []string{"gc", "run"} {
		t.Run(next, func(t *testing.T) {
			u := newUser(t)
			u.detached(site, "--restart", "always", u.bundle(sh("echo its last words; "+untilTerm)))
			u.until(site, "ready") // the second of its two lines
			s := u.stories()
			s.state("healthy")
			u.killSupervisor(site)
			args := []string{"gc"}
			if next == "run" {
				args = []string{"run", u.bundle(), "--", "true"}
			}
			r := u.mini(args...)
			r.wants(t, 0, "")
			r.says(t, site+`: ended, nobody knows .* \(its supervisor was killed\); after .* of CPU`, "cleared away "+site)
			died := s.kind("died")
			if died.Status == nil || *died.Status != runtime.Unknown || !strings.Contains(died.Reason, "its supervisor was killed") {
				t.Errorf("the end: %+v", died)
			}
			if log := died.Death.Log; len(log) != 2 || log[0].Text != "its last words" {
				t.Errorf("its log: %+v", log)
			}
			if h := s.kind("state"); h.State != "failed" || h.From != "healthy" {
				t.Errorf("the last: %+v", h)
			}
		})
	}
}

// TestKilledSupervisorInBackoff: that nothing runs any more was told already.
func TestKilledSupervisorInBackoff(t *testing.T) {
	u := newUser(t)
	u.detached(site, "--restart", "always", "--restart-delay", "10m", "--restart-delay-max", "1h", u.bundle(sh("exit 3")))
	s := u.stories()
	s.state("backoff")
	u.killSupervisor(site)
	u.mini("gc").wants(t, 0, "")
	if h := s.kind("state"); h.State != "failed" {
		t.Errorf("the last: %+v", h)
	}
	if n := s.deaths(); n != 1 {
		t.Errorf("%d deaths: %s", n, s.words())
	}
}
