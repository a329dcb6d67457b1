package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestVMFaultOOM: the kernel kills for want of memory, process 1 or a child of it.
// Both are told, and a passive check makes the second a failure too.
func TestVMFaultOOM(t *testing.T) {
	needControllers(t)
	const fat = "dd if=/dev/zero of=/dev/null bs=100M count=1"
	u := newUser(t)
	args, runs := counted(t, u, "[ $n -gt 1 ] || exec "+fat+"; "+untilTerm)
	u.detached(site, slices.Concat([]string{"--memory", "32m", "--restart", "on-failure", "--restart-delay", "10ms"}, args)...)
	s := u.story(site)
	died := s.kind("died")
	if died.Signal != "SIGKILL" || !strings.Contains(died.Reason, "memory.max") {
		t.Errorf("the end: %+v", died)
	}
	s.state("healthy")
	s.ends(u, runs)
	s.wants("healthy died backoff created healthy stopping died exited")
	u.mini("delete", site).wants(t, 0, "")

	args, runs = counted(t, u, "[ $n -gt 1 ] || "+fat+"; "+untilTerm)
	file := healthFile(t, `{"checks": [{"name": "memory", "events": {"file": "memory.events", "key": "oom_kill"}}]}`)
	u.detached(site, slices.Concat([]string{"--memory", "32m", "--restart", "on-failure", "--restart-delay", "10ms", "--health-file", file}, args)...)
	s = u.story(site)
	if ill := s.state("unhealthy"); ill.Probe == nil || ill.Probe.Check != "memory" || !strings.Contains(ill.Probe.Output, "oom_kill") {
		t.Errorf("it is unhealthy by %+v", ill.Probe)
	}
	s.state("healthy")
	s.ends(u, runs)
	if n := runs(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
}

// setClock moves CLOCK_REALTIME.
func setClock(t *testing.T, by time.Duration) {
	t.Helper()
	now := unix.NsecToTimespec(time.Now().Add(by).UnixNano())
	if err := unix.ClockSettime(unix.CLOCK_REALTIME, &now); err != nil {
		t.Fatal(err)
	}
}

// TestVMFaultClock: the clock on the wall is set, an hour forward and two back. No
// wait ends early or late by that: probes go on, a back-off and a time-out last.
func TestVMFaultClock(t *testing.T) {
	if !inVM {
		t.Skip("would set the machine's clock: go run ./hack/test vm")
	}
	u := newUser(t)
	args, runs := counted(t, u, untilTerm)
	u.detached(site, slices.Concat([]string{"--timeout", "30m", "--health-cmd", "echo x >>/data/probes", "--health-interval", "100ms",
		"--health-timeout", "20m", "--restart", "always"}, args)...)
	waiting := site + "-waiting"
	fails, tries := counted(t, u, "exit 3")
	u.detached(waiting, slices.Concat([]string{"--restart", "always", "--restart-delay", "30m", "--restart-delay-max", "1h", "--restart-delay-jitter", "0"}, fails)...)
	later := u.story(waiting)
	later.state("backoff")
	s := u.story(site)
	s.state("healthy")
	data, _, _ := strings.Cut(args[1], ":")
	probes := func() int {
		text, _ := os.ReadFile(filepath.Join(data, "probes"))
		return len(text) / len("x\n")
	}
	for _, by := range []time.Duration{time.Hour, -2 * time.Hour, time.Hour} {
		setClock(t, by)
		begin := monotonic(t) // before it looks: it may be held up in between
		before := probes()
		await(t, "probes on the other clock", func() bool { return probes() >= before+5 })
		if took := monotonic(t) - begin; took < 300*time.Millisecond { // 5 intervals of 90 ms at least, the first may have begun
			t.Errorf("after %s five probes in %s", by, took)
		}
	}
	s.ends(u, runs)
	s.wants("starting healthy stopping died exited")
	if n := tries(); n != 1 {
		t.Errorf("the one that waits was started %d times", n)
	}
	u.mini("stop", waiting).wants(t, 0, "")
	later.state("exited")
	later.wants("healthy died backoff exited")
}

// monotonic is a clock that nobody sets.
func monotonic(t *testing.T) time.Duration {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}
