package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime"
)

// TestFaultProbeNeverEnds: after the time-out nothing lives of what it has started,
// wherever that has gone and whatever it ignores, and its cgroup is gone.
func TestFaultProbeNeverEnds(t *testing.T) {
	for name, script := range map[string]string{
		"by itself":          "sleep 3333",
		"ignores TERM":       "trap '' TERM INT HUP; sleep 3333 & wait; sleep 3333",
		"double fork":        "(sleep 3333 & exec sleep 3333 &) ; sleep 3333",
		"in a session":       "trap '' TERM; setsid sh -c '(setsid sleep 3333 &); exec setsid sleep 3333' & setsid sleep 3333 & wait",
		"goes on forking":    "while :; do (sleep 3333 &); done",
		"leaves, and is ill": "setsid sleep 3333 >/dev/null 2>&1 & exit 1",
		"is stopped":         "kill -STOP $$",
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t)
			args, runs := counted(t, u, untilTerm)
			u.detached(site, slices.Concat([]string{"--health-cmd", "[ -e /data/first ] || { : >/data/first; " + script + "; }",
				"--health-interval", "10ms", "--health-timeout", "400ms", "--health-retries", "99"}, args)...)
			s := u.story(site)
			s.state("healthy") // by the second probe
			if first := s.all[slices.IndexFunc(s.all, func(h happening) bool { return h.Event == "probe" })]; first.Probe.Result != "failure" {
				t.Errorf("the first probe: %+v", *first.Probe)
			}
			// Each was killed, in its cgroup, which goes when the last has died of it.
			await(t, "the end of all processes", func() bool { return len(processes(t, site, "sleep 3333")) == 0 })
			await(t, "the end of its cgroup", func() bool {
				first, err := filepath.Glob("/sys/fs/cgroup/mini/" + site + "/probe-*")
				return err == nil && len(first) <= 1 // that of the probe that runs now
			})
			s.ends(u, runs)
			s.wants("starting healthy stopping died exited")
		})
	}
}

// TestFaultStopDuringProbe: who stops a container does not wait for its probe.
func TestFaultStopDuringProbe(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, untilTerm)
	data, _, _ := strings.Cut(args[1], ":")
	u.detached(site, slices.Concat([]string{"--health-cmd", "echo x >/data/probed; trap '' TERM; setsid sleep 3333 & wait; sleep 3333",
		"--health-interval", "10ms", "--health-timeout", "1h"}, args)...)
	awaitText(t, filepath.Join(data, "probed"), "x")
	s := u.story(site)
	s.ends(u, runs)
	s.wants("starting stopping died exited")
}

// private is the memory of a process that is its alone, in KiB.
func private(t *testing.T, pid int) (sum int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); strings.HasPrefix(f[0], "Private_") {
			n, _ := strconv.Atoi(f[1])
			sum += n
		}
	}
	return sum
}

// highest is the most memory that a process has had, in KiB.
func highest(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFaultProbePrints: a probe that writes 1 GB neither waits for us nor costs us
// the memory.
func TestFaultProbePrints(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, untilTerm)
	probe := "if [ -e /data/large ]; then rm /data/large; dd if=/dev/zero bs=1M count=954 2>/dev/null; echo done >/data/done; " +
		"elif [ -e /data/done ]; then until [ -e /data/seen ]; do sleep 0.05; done; else echo small; fi" // of the results five are kept
	u.detached(site, slices.Concat([]string{"--health-cmd", probe, "--health-interval", "10ms", "--health-timeout", "1h"}, args)...)
	data, _, _ := strings.Cut(args[1], ":")
	u.mini("wait", "--for", "healthy", site).wants(t, 0, "")
	pid := u.supervisor(site)
	before, peak := private(t, pid), highest(t, pid)
	begin := time.Now()
	touch(t, filepath.Join(data, "large"))
	awaitText(t, filepath.Join(data, "done"), "done")
	took := time.Since(begin)
	await(t, "its result", func() bool {
		v, _ := u.health(site)
		return slices.ContainsFunc(v.Checks[0].Results, func(r runtime.ProbeResult) bool { return r.Kind == "success" && len(r.Output) == 4096 })
	})
	after, peakAfter := private(t, pid), highest(t, pid)
	touch(t, filepath.Join(data, "seen"))
	t.Logf("1 GB in %s; private memory %d KiB, then %d; at most %d KiB resident, then %d", took, before, after, peak, peakAfter)
	if after > before+2048 || peakAfter > peak+2048 {
		t.Errorf("private memory %d KiB, then %d; at most %d KiB resident, then %d", before, after, peak, peakAfter)
	}
	s := u.story(site)
	s.ends(u, runs)
}

// TestFaultFrozen: what is frozen cannot answer. It is not asked, and not blamed.
func TestFaultFrozen(t *testing.T) {
	freeze := func(value string) func(*testing.T, user) {
		return func(t *testing.T, u user) {
			if err := os.WriteFile("/sys/fs/cgroup/mini/"+site+"/cgroup.freeze", []byte(value), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	verb := func(name string) func(*testing.T, user) {
		return func(t *testing.T, u user) { u.mini(name, site).wants(t, 0, "") }
	}
	for _, test := range []struct {
		name      string
		ice, thaw func(*testing.T, user)
	}{
		{"mini pause", verb("pause"), verb("resume")},
		{"from outside", freeze("1"), freeze("0")},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			args, runs := counted(t, u, "exec $serve")
			u.detached(site, slices.Concat(web(t), []string{"--health-timeout", "5s", "--health-retries", "1"}, args)...)
			s := u.story(site)
			up := s.state("healthy")
			test.ice(t, u)
			s.kind("paused")
			var v runtime.Vitals
			await(t, "the end of the probe that has met the ice", func() bool { v, _ = u.health(site); return v.Paused && v.Checks[0].Asked == nil })
			asked := u.lastProbe(site)
			time.Sleep(800 * time.Millisecond)                                   // sixteen intervals in which nothing is to happen
			if again := u.lastProbe(site); again.Sub(asked) > time.Millisecond { // wall clock, from another one
				t.Errorf("it was asked while frozen: at %s, after %s", again, asked)
			}
			if v, _ := u.health(site); v.State != "healthy" || v.Failures != 0 || v.Checks[0].Asked != nil || v.Ready || !v.Paused {
				t.Errorf("while frozen: %+v", v)
			}
			test.thaw(t, u)
			s.kind("resumed")
			await(t, "the next probe", func() bool { return u.lastProbe(site).Sub(asked) > time.Millisecond })
			if v, status := u.health(site); status != 0 || v.Pid != up.Pid || v.Restarts != 0 || !v.Ready || v.Paused {
				t.Errorf("after it: %+v", v)
			}
			s.ends(u, runs)
			s.wants("starting healthy paused resumed stopping died exited")
		})
	}
}

// lastProbe is when the last probe of all checks ended.
func (u user) lastProbe(name string) (last time.Time) {
	u.t.Helper()
	v, _ := u.health(name)
	for _, check := range v.Checks {
		if len(check.Results) > 0 && check.Results[0].At.After(last) {
			last = check.Results[0].At
		}
	}
	return last
}

// TestFaultStoppedWhileFrozen: it ends all the same, without waiting for a thaw.
func TestFaultStoppedWhileFrozen(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exec $serve")
	u.detached(site, append(web(t), args...)...)
	s := u.story(site)
	s.state("healthy")
	u.mini("pause", site).wants(t, 0, "")
	s.ends(u, runs)
	if got := u.inspect(site); got.Status != specs.StateStopped {
		t.Errorf("got %+v", got)
	}
}
