package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// detached starts a container that is deleted at the test's end.
func (u user) detached(name string, args ...string) {
	u.t.Helper()
	u.t.Cleanup(func() { u.mini("delete", "--force", name) })
	u.mini(append([]string{"run", "-d", "--name", name}, args...)...).wants(u.t, 0, name+"\n")
}

// supervisor is the pid of the process that stays with a container.
func (u user) supervisor(name string) int {
	u.t.Helper()
	owner, err := os.ReadFile(filepath.Join(u.root, name, "lock"))
	if err != nil {
		u.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(owner))[0])
	if err != nil {
		u.t.Fatal(err)
	}
	return pid
}

// inspected is what mini state says.
type inspected struct {
	specs.State
	Exit *struct {
		Status int
		Death  string
	}
}

func (u user) inspect(name string) (s inspected) {
	u.t.Helper()
	r := u.mini("state", name)
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		u.t.Fatalf("state %s: %v: %s%s", name, err, r.stdout, r.stderr)
	}
	return s
}

// TestDetached: the life of one that ends when it is asked to.
func TestDetached(t *testing.T) {
	u := newUser(t)
	u.detached("web", u.bundle(sh("echo out; echo err >&2; trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done")))
	if s := u.inspect("web"); s.Status != specs.StateRunning || s.Exit != nil {
		t.Errorf("state after the start: %+v", s)
	}
	u.until("web", "up")
	u.mini("stop", "web").wants(t, 0, "")
	s := u.inspect("web")
	if s.Status != specs.StateStopped || s.Exit == nil || s.Exit.Status != 3 || !strings.Contains(s.Exit.Death, "mini stop") {
		t.Errorf("state after the end: %+v %+v", s, s.Exit)
	}
	u.mini("gc").wantStatus(t, 0)
	u.mini("stop", "web").wants(t, 0, "") // a second time
	u.mini("wait", "web").wants(t, 3, "3\n")
	logs := u.mini("logs", "web")
	logs.wants(t, 0, "out\nup\nbye\n")
	logs.says(t, "^err\n", "mini: web: exited with status 3")
	u.mini("logs", "--tail", "1", "-f", "web").wants(t, 0, "") // the last is mini's word
	if list := u.mini("list"); !strings.Contains(list.stdout, "stopped") {
		t.Errorf("list: %s", list.stdout)
	}
	u.mini("delete", "web").wants(t, 0, "")
	if r := u.mini("state", "web"); r.status == 0 {
		t.Error("there is a state after delete")
	}
}

// until returns when a line has come up in the log.
func (u user) until(name, line string) {
	u.t.Helper()
	b := u.start("logs", "-f", name)
	defer func() { _ = b.signal(unix.SIGKILL) }()
	b.reads(line)
}

// reads goes on to a line; start has taken the first.
func (b *background) reads(want string) {
	b.t.Helper()
	if b.first == want+"\n" {
		return
	}
	for {
		line, err := b.out.ReadString('\n')
		if err != nil {
			b.t.Fatalf("no line %q: %v: %+v", want, err, b.wait())
		}
		if line == want+"\n" {
			return
		}
	}
}

// TestDetachedCannotStart: why is said at once, with the status of run, and nothing
// is left.
func TestDetachedCannotStart(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"no such program", []string{"--", "nothing-of-that-name"}, 127, "not found"},
		{"not executable", []string{"--", "/etc/plain"}, 126, "EACCES"},
		{"a policy of no sense", []string{"--restart", "perhaps"}, 125, "perhaps"},
		{"logs of no size", []string{"--log-max-size", "1k"}, 125, "too small"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			args := append([]string{"run", "-d"}, test.args...)
			if test.args[0] == "--" {
				args = append([]string{"run", "-d", u.bundle()}, test.args...)
			} else {
				args = append(args, u.bundle())
			}
			r := u.mini(args...)
			r.wants(t, test.status, "")
			r.says(t, test.says)
		})
	}
}

// TestDetachedHoldsNothing: a pipe that the caller had open ends with the caller.
func TestDetachedHoldsNothing(t *testing.T) {
	u := newUser(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	u.t.Cleanup(func() { u.mini("delete", "--force", "web") })
	u.withFiles(nil, []*os.File{write}, "run", "-d", "--name", "web", u.bundle(sh("exec sleep 1000"))).wants(t, 0, "web\n")
	write.Close()
	_ = read.SetReadDeadline(time.Now().Add(patience()))
	if n, err := read.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("%d, %v, want the end of the file", n, err)
	}
}

func TestDetachedNameTaken(t *testing.T) {
	u := newUser(t)
	u.detached("help", u.bundle(sh("exit 0"))) // a name like any other
	u.mini("wait", "help").wants(t, 0, "0\n")
	r := u.mini("run", "-d", "--name", "help", u.bundle(sh("exit 0")))
	r.wants(t, 125, "")
	r.says(t, "exists already")
}

// TestDetachedForgotten: --rm leaves nothing to delete, and those who wait are told
// all the same.
func TestDetachedForgotten(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--rm", u.bundle(sh("trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done")))
	u.until("web", "up")
	waiter := u.start("logs", "-f", "web")
	u.mini("kill", "web", "TERM").wants(t, 0, "")
	if r := waiter.wait(); r.status != 0 {
		t.Errorf("logs -f: %+v", r)
	}
	if r := u.mini("wait", "web"); r.status != 4 && r.status != 125 { // too late, or not
		t.Errorf("wait: %+v", r)
	}
}

// TestLogsFollow: lines come while the program runs, and the end with its end.
func TestLogsFollow(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	script := "n=0; while [ $n -lt 3 ]; do until [ -e /data/$n ]; do sleep 0.02; done; echo line $n; n=$((n+1)); done; printf end"
	u.detached("web", "--volume", data+":/data", u.bundle(sh("echo begin;"+script)))
	b := u.start("logs", "-f", "web")
	b.reads("begin")
	for n := range 3 {
		touch(t, filepath.Join(data, strconv.Itoa(n)))
		b.reads(fmt.Sprintf("line %d", n))
	}
	b.wait().wants(t, 0, "end")
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLogsRotate: what a program writes takes no more than its log may take, and
// the newest is kept.
func TestLogsRotate(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--log-max-size", "64k", "--log-max-files", "2", u.bundle(sh("seq 1 50000")))
	u.mini("wait", "web").wants(t, 0, "0\n")
	for _, name := range []string{"log", "log.1"} {
		if info, err := os.Stat(filepath.Join(u.root, "web", name)); err != nil || info.Size() > 64<<10 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if logs := u.mini("logs", "--tail", "2", "web"); logs.stdout != "49999\n50000\n" {
		t.Errorf("logs: %+v", logs)
	}
}

// TestWaitFor: healthy comes later than the start, and not in every time.
func TestWaitFor(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	u.detached("web", "--volume", data+":/data", "--health-cmd", "test -e /data/well", "--health-interval", "50ms",
		"--health-retries", "1000", u.bundle(sh("exec sleep 1000")))
	u.mini("wait", "--for", "healthy", "--timeout", "300ms", "web").wants(t, 124, "")
	u.mini("wait", "--timeout", "10ms", "web").wants(t, 124, "")
	touch(t, filepath.Join(data, "well"))
	u.mini("wait", "--for", "healthy", "web").wants(t, 0, "")
	u.mini("wait", "--for", "ready", "web").wants(t, 0, "")
	u.mini("kill", "web", "KILL").wants(t, 0, "")
	u.mini("wait", "web").wants(t, 137, "137\n")
	u.mini("wait", "--for", "healthy", "web").wantStatus(t, 125)
	u.mini("wait", "--for", "rain", "web").wantStatus(t, 125)
}

// TestWaitForOthers: a container of a mini in the foreground has no supervisor
// that could tell more than its end.
func TestWaitForOthers(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "web", "--restart", "always", u.bundle(sh(untilTerm)))
	u.mini("wait", "--timeout", "10ms", "web").wants(t, 124, "")
	u.mini("wait", "--for", "healthy", "web").wantStatus(t, 125)
	u.mini("logs", "web").wantStatus(t, 125)
	u.mini("attach", "web").wantStatus(t, 125)
	u.mini("stop", "web").wants(t, 0, "")
	b.wait().wants(t, 0, "") // and it is not restarted
}

// TestStopKills what does not listen, when the grace is over, and at once what
// cannot hear.
func TestStopKills(t *testing.T) {
	for _, test := range []struct{ name, script, grace string }{
		{"stubborn", "trap : TERM; echo up; while :; do sleep 0.05; done", "200ms"},
		{"deaf", "echo up; exec sleep 1000", "1h"},
		{"no grace", "trap : TERM; echo up; while :; do sleep 0.05; done", "0s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			u.detached("web", "--restart", "always", "--grace", "1h", u.bundle(sh(test.script)))
			u.until("web", "up")
			u.mini("stop", "--grace", test.grace, "web").wants(t, 0, "")
			u.mini("wait", "web").wants(t, 137, "137\n")
		})
	}
}

// TestDetachedRestarts: the policy holds as in the foreground, and the log goes
// through all runs.
func TestDetachedRestarts(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "echo run $n; [ $n = 3 ]")
	u.detached("web", append([]string{"--restart", "on-failure"}, args...)...)
	u.mini("wait", "web").wants(t, 0, "0\n")
	if got := runs(); got != 3 {
		t.Errorf("got %d runs, want 3", got)
	}
	logs := u.mini("logs", "web")
	logs.wants(t, 0, "run 1\nrun 2\nrun 3\n")
	logs.says(t, "restart 2 follows")
}

// TestStopBetweenRuns: a container that waits for its restart can be seen and
// stopped.
func TestStopBetweenRuns(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--restart", "always", "--restart-delay", "1h", "--restart-delay-max", "1h", u.bundle(sh("exit 5")))
	await(t, "the wait for a restart", func() bool { return u.inspect("web").Status == "restarting" })
	if r := u.mini("delete", "web"); r.status != 125 {
		t.Errorf("deleted between two runs: %+v", r)
	}
	u.mini("stop", "web").wants(t, 0, "")
	u.mini("wait", "web").wants(t, 5, "5\n")
}

// TestDeleteForce takes a running one away, supervisor and all.
func TestDeleteForce(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--restart", "always", u.bundle(sh("exec sleep 1000")))
	if r := u.mini("delete", "web"); r.status != 125 {
		t.Errorf("deleted a running one: %+v", r)
	}
	u.mini("delete", "--force", "web").wants(t, 0, "")
	if r := u.mini("state", "web"); r.status == 0 {
		t.Error("there is a state after delete")
	}
}

// TestSupervisorKilled: the container dies with it, who waits is told, and gc
// clears away.
func TestSupervisorKilled(t *testing.T) {
	u := newUser(t)
	u.detached("web", "--restart", "always", u.bundle(sh("echo up; sleep 1000 & exec sleep 1000")))
	follower := u.start("logs", "-f", "web")
	init, err := unix.PidfdOpen(u.inspect("web").Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	u.killSupervisor("web") // all of its threads: until then it counts as there
	follower.wait().wants(t, 0, "")
	ended(t, init) // by its parent's death signal
	if s := u.inspect("web"); s.Status != specs.StateStopped || s.Exit != nil {
		t.Errorf("state: %+v", s)
	}
	u.mini("gc").wantStatus(t, 0)
	if r := u.mini("state", "web"); r.status == 0 {
		t.Error("there is a state after gc")
	}
}

// TestSupervisorKilledAtItsStart: the starter says so, and gc clears away.
func TestSupervisorKilledAtItsStart(t *testing.T) {
	u := newUser(t)
	dir := u.bundle()
	last := len(u.plan(dir)) - 1 // the directory is made before the plan
	for _, n := range []int{1, last / 3, last / 2, last - 1} {
		u := newUser(t)
		cmd := u.command("run", "-d", "--name", "web", dir, "--", "sleep", "1000")
		path, err := filepath.Abs(faultPath)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path = path
		cmd.Env = append(cmd.Environ(), fmt.Sprintf("MINI_DIE_AFTER=%d", n))
		r := finish(t, cmd)
		r.wants(t, 125, "")
		r.says(t, "SIGKILL")
		u.mini("gc").wantStatus(t, 0)
	}
}

// TestLogDiskFull: a full disk costs lines, which are counted; the program is not
// held up, and its end is written down.
func TestLogDiskFull(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("seq 1 400000; exit 6"))
	if err := os.MkdirAll(u.root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run("mount", "-t", "tmpfs", "-o", "size=1m", "small", u.root); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run("umount", "-l", u.root) }) // a supervisor may be about to end
	u.detached("web", dir)
	u.mini("wait", "web").wants(t, 6, "6\n")
	if s := u.inspect("web"); s.Exit == nil || s.Exit.Status != 6 {
		t.Errorf("state: %+v", s)
	}
	u.mini("logs", "--tail", "1", "web").says(t, `the log has lost [0-9]+ bytes here: no space left`)
	u.mini("delete", "web").wants(t, 0, "")
}

// TestSupervisorIsSmall: issue 4 gives each 3 MiB of private memory.
func TestSupervisorIsSmall(t *testing.T) {
	u := newUser(t)
	u.detached("web", u.bundle(sh("yes | head -c 5000000; echo up; exec sleep 1000")))
	u.until("web", "up")
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", u.supervisor("web")))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rollup)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "Anonymous: %d kB", &kib); n == 1 && kib > 3<<10 {
			t.Errorf("%d KiB of private memory", kib)
		}
	}
}
