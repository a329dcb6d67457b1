package integration

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime"
)

// eventually waits for something, but not for ever.
func (u user) eventually(is func() bool) {
	u.t.Helper()
	for end := time.Now().Add(patience()); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			u.t.Fatal("it has not come")
		}
	}
}

// health is what mini health --format json says, with its status.
func (u user) health(name string) (v runtime.Vitals, status int) {
	u.t.Helper()
	r := u.mini("health", "--format", "json", name)
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil {
		u.t.Fatalf("health %s: %v: %s%s", name, err, r.stdout, r.stderr)
	}
	return v, r.status
}

// account is the certificate of a death, from mini state.
func (u user) account(name string) (d runtime.Death) {
	u.t.Helper()
	var s struct {
		Exit struct{ Account json.RawMessage }
	}
	r := u.mini("state", name)
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		u.t.Fatalf("state %s: %v: %s%s", name, err, r.stdout, r.stderr)
	}
	if err := json.Unmarshal(s.Exit.Account, &d); err != nil {
		u.t.Fatalf("state %s has no account of its end: %v: %s", name, err, r.stdout)
	}
	return d
}

// TestHealth: what the probes say, from the first to the last, and after the end.
func TestHealth(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	u.detached("web", "--volume", data+":/data", "--health-cmd", "echo asked; cat /data/well", "--health-interval", "50ms",
		"--health-retries", "1000", u.bundle(sh("echo up; exec sleep 1000")))
	if v, status := u.health("web"); status != 1 || v.State != "starting" || v.Ready || v.Pid == 0 || len(v.Checks) != 1 {
		t.Errorf("at the start: status %d, %+v", status, v)
	}
	touch(t, data+"/well")
	u.mini("wait", "--for", "healthy", "web").wants(t, 0, "")
	var v runtime.Vitals
	u.eventually(func() bool { // healthy by the first success: five come in time
		var status int
		v, status = u.health("web")
		if status != 0 || v.State != "healthy" || !v.Ready || len(v.Checks) != 1 {
			t.Fatalf("when it is well: status %d, %+v", status, v)
		}
		results := v.Checks[0].Results
		return len(results) == 5 && results[4].Kind == "success"
	})
	for i, r := range v.Checks[0].Results {
		if r.Kind != "success" || r.Output != "asked\n" || r.Took <= 0 || r.At.IsZero() || i > 0 && r.At.After(v.Checks[0].Results[i-1].At) {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	text := u.mini("health", "web")
	if !strings.HasPrefix(text.stdout, "web: healthy") || !strings.Contains(text.stdout, "success") || text.status != 0 {
		t.Errorf("in words: %+v", text)
	}
	u.mini("stop", "web").wants(t, 0, "")
	var status int
	v, status = u.health("web")
	if status != 1 || v.State != "exited" || v.Exit == nil || v.Exit.Status != 137 || v.Death == nil || v.Death.Signal != "SIGKILL" {
		t.Errorf("after the end: status %d, %+v", status, v)
	}
	if len(v.Death.Probes) != 1 || v.Death.Probes[0].Output != "asked\n" || len(v.Death.Log) != 1 || v.Death.Log[0].Text != "up" {
		t.Errorf("the account of its end: %+v", v.Death)
	}
}

// TestHealthIsLong: five results of 4 KiB that JSON makes six times as long do
// not fit in a message of the control socket.
func TestHealthIsLong(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--health-cmd", `i=0; while [ $i -lt 4096 ]; do printf '\001'; i=$((i+1)); done`, "--health-interval", "10ms",
		"--health-timeout", "1m", u.bundle(sh("exec sleep 1000")))
	var v runtime.Vitals
	u.eventually(func() bool {
		v, _ = u.health("web")
		return len(v.Checks[0].Results) == 5
	})
	for _, r := range v.Checks[0].Results {
		if r.Output != strings.Repeat("\x01", 4096) {
			t.Errorf("%d bytes of output", len(r.Output))
		}
	}
}

// TestHealthOfOthers: one without a supervisor of its own tells nothing, and one
// that is not there neither.
func TestHealthOfOthers(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "web", u.bundle(sh("echo up; "+untilTerm)))
	u.mini("health", "web").wantStatus(t, 125)
	u.mini("health", "nobody").wantStatus(t, 125)
	u.mini("health", "--format", "xml", "web").wantStatus(t, 125)
	b.signal(unix.SIGTERM).wantStatus(t, 0)
}

// TestDeathAccount: what is remembered of one that was killed.
func TestDeathAccount(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	u.detached("web", "--volume", data+":/data", u.bundle(sh(`next() { until [ -e /data/$1 ]; do sleep 0.02; done; }
		seq 1 29; next 1; echo last >&2; next 2; echo 30; exec sleep 1000`)))
	// The order of two streams is that in which the supervisor hears them.
	u.until("web", "29")
	touch(t, filepath.Join(data, "1"))
	u.eventually(func() bool { return strings.Contains(u.mini("logs", "web").stderr, "last") })
	touch(t, filepath.Join(data, "2"))
	u.until("web", "30")
	u.mini("kill", "web", "KILL").wants(t, 0, "")
	r := u.mini("wait", "web")
	r.wants(t, 137, "137\n")
	r.says(t, "web: killed by SIGKILL")
	d := u.account("web")
	if d.Status != 137 || d.Signal != "SIGKILL" || d.ID != "web" || d.Lived <= 0 || d.CPU.Used <= 0 || d.Ended.Before(d.Started) {
		t.Errorf("got %+v", d)
	}
	if n := len(d.Log); n != 20 {
		t.Fatalf("%d lines: %+v", n, d.Log)
	}
	var texts []string
	for _, l := range d.Log {
		texts = append(texts, l.Stream+" "+l.Text)
	}
	if all := strings.Join(texts, "|"); !strings.HasSuffix(all, "|stdout 30") || !strings.Contains(all, "stderr last") {
		t.Errorf("got %s", all)
	}
}

// TestVMDeathAccount: limits that stood in its way.
func TestVMDeathAccount(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	u.detached("fat", "--memory", "32m", u.bundle(), "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1")
	u.mini("wait", "fat").wants(t, 137, "137\n")
	d := u.account("fat")
	if d.OOM == nil || d.OOM.Limit != "own" || d.OOM.Kills == 0 || d.Memory.Limit != 32<<20 || d.Memory.Peak < 30<<20 || d.Pressure.Memory == nil {
		t.Errorf("out of memory: %+v", d)
	}
	u.detached("many", "--pids-limit", "5", "--cpus", "0.2", u.bundle(sh("(for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done); "+untilThrottled+"exit 6")))
	u.mini("wait", "many").wants(t, 6, "6\n")
	d = u.account("many")
	if d.Pids.Refused == 0 || d.Pids.Limit != 5 || d.CPU.Throttled <= 0 || d.CPU.Throttles == 0 {
		t.Errorf("many and slow: %+v", d)
	}
}
