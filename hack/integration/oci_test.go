package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ociState is what `mini state` prints.
type ociState struct {
	Version     string               `json:"ociVersion"`
	ID          string               `json:"id"`
	Pid         *int                 `json:"pid"`
	Status      specs.ContainerState `json:"status"`
	Bundle      string               `json:"bundle"`
	Annotations map[string]string    `json:"annotations"`
	Owner       string               `json:"owner"`
}

func (u user) state(id string) ociState {
	u.t.Helper()
	r := u.mini("state", id)
	var s ociState
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil || r.status != 0 || s.Pid == nil {
		u.t.Fatalf("state %s: status %d, %v\n%s%s", id, r.status, err, r.stdout, r.stderr)
	}
	return s
}

// wantState requires a status, and a pid where there is one.
func (u user) wantState(id string, want specs.ContainerState) ociState {
	u.t.Helper()
	s := u.state(id)
	if s.Status != want || (*s.Pid == 0) != (want == specs.StateStopped) {
		u.t.Errorf("got state %s with pid %d, want %s", s.Status, *s.Pid, want)
	}
	return s
}

// quiet runs a mini whose container keeps stdout: that goes to a file, for it
// outlives mini.
func (u user) quiet(args ...string) (r result, output string) {
	u.t.Helper()
	output = filepath.Join(u.t.TempDir(), "output")
	f, err := os.Create(output)
	if err != nil {
		u.t.Fatal(err)
	}
	defer f.Close()
	cmd := u.command(args...)
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		u.t.Fatal(err)
	}
	_ = cmd.Wait()
	text, _ := os.ReadFile(output)
	return result{exitStatus(cmd.ProcessState), "", string(text)}, output
}

// create creates a container that is deleted when the test ends.
func (u user) create(id, dir string, flags ...string) (output string) {
	u.t.Helper()
	args := append([]string{"create", "--bundle", dir}, flags...)
	r, output := u.quiet(append(args, id)...)
	r.wantStatus(u.t, 0)
	u.t.Cleanup(func() { u.mini("delete", "--force", id).wantStatus(u.t, 0) })
	return output
}

// await waits until something holds; only the kernel's doings may take time.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience()); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// awaitText waits until a file has a text in it.
func awaitText(t *testing.T, path, text string) {
	t.Helper()
	await(t, text+" in "+path, func() bool {
		got, _ := os.ReadFile(path)
		return strings.Contains(string(got), text)
	})
}

func (u user) awaitStopped(id string) {
	u.t.Helper()
	await(u.t, "the end of "+id, func() bool { return u.state(id).Status == specs.StateStopped })
}

// TestLifecycle is the whole of it, with what is wrong at each point.
func TestLifecycle(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo ran; trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
		func(s *specs.Spec) { s.Annotations = map[string]string{"org.test": "yes"} })
	u.wantError("state", "life").says(t, "does not exist")
	pidFile := filepath.Join(t.TempDir(), "pid")
	output := u.create("life", dir, "--pid-file", pidFile)
	s := u.wantState("life", specs.StateCreated)
	if s.Bundle != dir || s.ID != "life" || s.Version == "" || s.Owner != "root" || s.Annotations["org.test"] != "yes" {
		t.Errorf("got state %+v", s)
	}
	if pid, _ := os.ReadFile(pidFile); string(pid) != strconv.Itoa(*s.Pid) {
		t.Errorf("pid file %q, state %d", pid, *s.Pid)
	}
	if text, _ := os.ReadFile(output); len(text) > 0 {
		t.Errorf("something ran before start: %q", text)
	}
	u.wantError("create", "--bundle", dir, "life").says(t, "life", "exists already")
	u.mini("start", "life").wants(t, 0, "")
	awaitText(t, output, "ready")
	u.wantState("life", specs.StateRunning)
	u.wantError("start", "life").says(t, "cannot start an already running container")
	u.wantError("delete", "life").says(t, "not stopped: it is running", "--force")
	u.mini("kill", "life", "0").wants(t, 0, "")
	u.mini("kill", "life").wants(t, 0, "")
	u.awaitStopped("life")
	u.wantState("life", specs.StateStopped)
	u.wantError("start", "life").says(t, "cannot start a container that has stopped")
	u.wantError("kill", "life").says(t, "container not running")
	u.mini("kill", "--all", "life", "KILL").wants(t, 0, "") // as with runc and crun: nobody is left to tell
	u.wantError("exec", "life", "true").says(t, "stopped")
	u.wantError("pause", "life").says(t, "container not running")
	u.wantError("events", "--stats", "life").says(t, "not running")
	u.mini("ps", "--format", "json", "life").wants(t, 0, "[]\n")
	u.mini("delete", "life").wants(t, 0, "")
	u.wantError("delete", "life").says(t, "does not exist")
	u.mini("delete", "--force", "life").wants(t, 0, "")
}

// wantError runs a mini that must fail by itself and say so on stderr only.
func (u user) wantError(args ...string) result {
	u.t.Helper()
	r := u.mini(args...)
	r.wants(u.t, 125, "")
	notGoish(u.t, r)
	return r
}

// TestUnknownContainer: every command says the same of an id that is not there.
func TestUnknownContainer(t *testing.T) {
	u := newUser(t)
	for _, args := range [][]string{
		{"state", "nobody"}, {"start", "nobody"}, {"kill", "nobody"}, {"delete", "nobody"}, {"exec", "nobody", "true"},
		{"ps", "nobody"}, {"pause", "nobody"}, {"resume", "nobody"}, {"update", "--memory", "1g", "nobody"}, {"events", "nobody"},
	} {
		u.wantError(args...).says(t, `"nobody": container does not exist`)
	}
	u.mini("list", "--format", "json").wants(t, 0, "[]\n")
}

// TestBadIDs: an id is a file name.
func TestBadIDs(t *testing.T) {
	u := newUser(t)
	dir := u.bundle()
	for _, id := range []string{"a/b", "..", ".", "../up", "", "a b"} {
		r := u.mini("create", "--bundle", dir, id)
		r.wants(t, 125, "")
		r.says(t, "container id")
	}
	u.wantError("create", "--bundle", dir).says(t, "ID")
}

// TestTwoCreates lets many make the same container at once: one does.
func TestTwoCreates(t *testing.T) {
	u := newUser(t)
	dir := u.bundle()
	const n = 8
	statuses := make(chan int, n)
	for range n {
		cmd := u.command("create", "--bundle", dir, "once")
		go func() {
			_ = cmd.Run() // no pipes: the container would hold them
			statuses <- exitStatus(cmd.ProcessState)
		}()
	}
	t.Cleanup(func() { u.mini("delete", "--force", "once").wantStatus(t, 0) })
	won := 0
	for range n {
		if <-statuses == 0 {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of %d creates succeeded", won, n)
	}
	u.wantState("once", specs.StateCreated)
}

// TestDeadInit: a start is told at once that nobody waits for it.
func TestDeadInit(t *testing.T) {
	u := newUser(t)
	u.create("dead", u.bundle())
	pid := *u.state("dead").Pid
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	u.awaitStopped("dead")
	u.wantError("start", "dead").says(t, "has stopped")
}

// TestFrozenConfig: what happens to the bundle after create changes nothing.
func TestFrozenConfig(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo first"))
	output := u.create("frozen", dir)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	u.mini("start", "frozen").wants(t, 0, "")
	awaitText(t, output, "first")
}

// TestStartTellsOfExecve: the program's absence is the start's error, by its own
// status; the container can be deleted then.
func TestCreateTellsOfTheProgram(t *testing.T) {
	u := newUser(t)
	for _, test := range []struct {
		program string
		status  int
		says    string
	}{
		{"cart", 127, "executable file not found"},
		{"/etc/plain", 126, "permission denied"},
	} {
		dir := u.bundle(func(s *specs.Spec) { s.Process.Args = []string{test.program} })
		r := u.mini("create", "-b", dir, "broken")
		r.wants(t, test.status, "")
		r.says(t, test.says)
		u.wantError("state", "broken").says(t, "does not exist")
	}
}

func TestKillAll(t *testing.T) {
	u := newUser(t)
	output := u.create("many", u.bundle(sh("sleep 1000 & sleep 1000 & echo ready; wait")))
	u.mini("start", "many").wants(t, 0, "")
	awaitText(t, output, "ready")
	var pids []int
	if err := json.Unmarshal([]byte(u.mini("ps", "-f", "json", "many").stdout), &pids); err != nil || len(pids) != 3 {
		t.Errorf("ps: got %v, %v, want three", pids, err)
	}
	if table := u.mini("ps", "many").stdout; strings.Count(table, "\n") != 4 || !strings.Contains(table, "PID") {
		t.Errorf("ps: got %q", table)
	}
	u.mini("kill", "--all", "many", "KILL").wants(t, 0, "")
	u.awaitStopped("many")
}

func TestPause(t *testing.T) {
	u := newUser(t)
	output := u.create("ice", u.bundle(sh(untilTerm)))
	u.wantError("resume", "ice").says(t, "container not paused")
	u.mini("start", "ice").wants(t, 0, "")
	awaitText(t, output, "ready")
	u.mini("pause", "ice").wants(t, 0, "")
	u.wantState("ice", "paused")
	u.wantError("pause", "ice").says(t, "paused")
	u.wantError("exec", "ice", "true").says(t, "paused", "--ignore-paused")
	u.mini("resume", "ice").wants(t, 0, "")
	u.wantState("ice", specs.StateRunning)
	u.mini("exec", "ice", "true").wants(t, 0, "")
}

// TestDetachedRun is create and start in one.
func TestDetachedRun(t *testing.T) {
	u := newUser(t)
	r, output := u.quiet("run", "--detach", "--bundle", u.bundle(sh(untilTerm)), "--pid-file", filepath.Join(t.TempDir(), "pid"), "off")
	r.wantStatus(t, 0)
	t.Cleanup(func() { u.mini("delete", "--force", "off").wantStatus(t, 0) })
	u.wantState("off", specs.StateRunning)
	awaitText(t, output, "ready")
	u.mini("gc").wants(t, 0, "")
	u.wantState("off", specs.StateRunning)
}
