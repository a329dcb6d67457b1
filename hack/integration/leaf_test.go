package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime"
)

// writableCgroup lets the container make cgroups of its own.
func writableCgroup(s *specs.Spec) {
	for i, m := range s.Mounts {
		if m.Destination == "/sys/fs/cgroup" {
			s.Mounts[i].Options = []string{"nosuid", "noexec", "nodev"}
		}
	}
}

// leaves are the cgroups of exec and of probes below a container's.
func leaves(t *testing.T, name string) []string {
	t.Helper()
	found, err := filepath.Glob("/sys/fs/cgroup/mini/" + name + "/*-[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantLeaves(t *testing.T, name string, n int) {
	t.Helper()
	if got := leaves(t, name); len(got) != n {
		t.Errorf("got leaves %q, want %d", got, n)
	}
}

// TestExecLeaf: an exec has a cgroup for as long as one of its processes lives.
func TestExecLeaf(t *testing.T) {
	u := newUser(t)
	u.running("host")
	u.mini("exec", "host", "true").wants(t, 0, "")
	wantLeaves(t, "host", 0)
	u.mini("exec", "host", "sh", "-c", "exec >/dev/null 2>&1; sleep 1000 & :").wants(t, 0, "")
	wantLeaves(t, "host", 1)
	await(t, "sleep", func() bool { // it was sh before
		return strings.Contains(u.mini("ps", "host").stdout, "sleep 1000")
	})
	if n := strings.Count(u.mini("ps", "-f", "json", "host").stdout, ","); n < 1 {
		t.Error("ps does not see the process of the leaf")
	}
	u.mini("exec", "host", "sh", "-c", "for p in /proc/[0-9]*; do grep -q ^sleep.*1000 $p/cmdline && kill -9 ${p#/proc/}; done; :").wants(t, 0, "")
	await(t, "the end of the leaf", func() bool {
		u.mini("exec", "host", "true").wants(t, 0, "")
		return len(leaves(t, "host")) == 0
	})
}

// TestExecLeafOfTheKilled: a mini that was killed leaves its program running, as
// runc does, and gc removes the leaf after that.
func TestExecLeafOfTheKilled(t *testing.T) {
	u := newUser(t)
	u.running("host")
	b := u.start("exec", "host", "sh", "-c", "echo $$; exec sleep 1000")
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	u.mini("gc").wants(t, 0, "")
	wantLeaves(t, "host", 1)
	orphan := inLeaf(t, leaves(t, "host")[0])
	u.mini("exec", "host", "kill", "-9", strings.TrimSpace(b.first)).wants(t, 0, "")
	for _, pid := range orphan { // it is our child now: a zombie would keep the container
		_, _ = syscall.Wait4(pid, nil, 0, nil)
	}
	_ = b.wait()
	await(t, "an empty leaf", func() bool {
		u.mini("gc").wants(t, 0, "")
		return len(leaves(t, "host")) == 0
	})
}

// inLeaf are the processes in a cgroup.
func inLeaf(t *testing.T, dir string) (pids []int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if len(pids) == 0 {
		t.Fatalf("%s is empty", dir)
	}
	return pids
}

// TestExecInThreaded: below a threaded cgroup no leaf can hold a process, so exec
// is where the first process is.
func TestExecInThreaded(t *testing.T) {
	u := newUser(t)
	script := "mkdir /sys/fs/cgroup/t && echo threaded >/sys/fs/cgroup/t/cgroup.type && " + untilTerm
	output := u.create("host", u.bundle(sh(script), withoutUserNS, writableCgroup))
	u.mini("start", "host").wants(t, 0, "")
	awaitText(t, output, "ready")
	u.mini("exec", "host", "grep", "^0:", "/proc/self/cgroup").wants(t, 0, "0::/\n")
	wantLeaves(t, "host", 0)
}

// TestProbeEndsWithItsTree: what a probe has forked dies with it, whether it took
// too long or not, even what has left its session.
func TestProbeEndsWithItsTree(t *testing.T) {
	for name, how := range map[string]struct{ last, timeout string }{"too long": {"sleep 2222", "500ms"}, "in time": {"true", patience().String()}} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t)
			data := t.TempDir()
			if err := os.Chmod(data, 0o777); err != nil {
				t.Fatal(err)
			}
			b := u.start("run", "--name", "host", "--health-interval", "200ms", "--health-timeout", how.timeout, "--health-retries", "99",
				"--health-cmd", "[ ! -e /data/probed ] || exit 0; setsid sleep 1111 >/dev/null 2>&1 & echo x >/data/probed; "+how.last,
				"--volume", data+":/data", u.bundle(sh(untilTerm)))
			awaitText(t, filepath.Join(data, "probed"), "x")
			await(t, "the end of the probe's children", func() bool {
				return !strings.Contains(u.mini("ps", "host").stdout, "sleep 1111") && len(leaves(t, "host")) == 0
			})
			b.signal(syscall.SIGTERM).wants(t, 0, "")
		})
	}
}

// TestProbeInFlight: health tells which probe has not ended yet.
func TestProbeInFlight(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	file := healthFile(t, `{"checks": [{"name": "quick", "exec": {"args": ["true"]}, "interval": "1h"},
		{"name": "slow", "exec": {"args": ["sh", "-c", "while [ ! -e /data/go ]; do sleep 0.02; done"]}, "interval": "1h", "timeout": "1h"}]}`)
	u.detached("used", "--health-file", file, "--volume", data+":/data", u.bundle(sh(untilTerm)))
	var v runtime.Vitals
	await(t, "the slow probe, and the end of the quick one", func() bool {
		v, _ = u.health("used")
		return v.Checks[1].Asked != nil && len(v.Checks[0].Results) == 1
	})
	if v.Checks[0].Asked != nil || len(v.Checks[1].Results) != 0 {
		t.Errorf("got %+v", v.Checks)
	}
	if text := u.mini("health", "used").stdout; strings.Count(text, "ago, no answer yet") != 1 {
		t.Errorf("got %s", text)
	}
	touch(t, filepath.Join(data, "go"))
	await(t, "its answer", func() bool { v, _ = u.health("used"); return len(v.Checks[1].Results) == 1 })
	if v.Checks[1].Asked != nil {
		t.Errorf("asked still: %+v", v.Checks[1])
	}
}

// TestProbeUse: the CPU time of a probe is that of all that it has forked, also
// of what it has not waited for and what was killed at its end.
func TestProbeUse(t *testing.T) {
	u := newUser(t)
	u.detached("used", "--health-interval", "100ms", "--health-timeout", patience().String(),
		"--health-cmd", // until the loop has run for 0.2 s, however long that takes here (proc_pid_stat(5))
		"while :; do :; done & while set -- $(cat /proc/$!/stat) && [ $((${14} + ${15})) -lt 20 ]; do sleep 0.05; done", u.bundle(sh(untilTerm)))
	type result struct{ CPU, Peak float64 }
	var v struct{ Checks []struct{ Results []result } }
	await(t, "a result", func() bool {
		r := u.mini("health", "--format", "json", "used")
		return json.Unmarshal([]byte(r.stdout), &v) == nil && len(v.Checks) == 1 && len(v.Checks[0].Results) > 0
	})
	// A shell that only sleeps takes a few milliseconds, of which mini's init has most.
	if r := v.Checks[0].Results[0]; r.CPU < 0.05 || r.Peak < 1<<20 {
		t.Errorf("got %v s of CPU and a peak of %v bytes", r.CPU, r.Peak)
	}
}
