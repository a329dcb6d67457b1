package integration

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

const untilTerm = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done"

func TestStateListKill(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh(untilTerm))
	b := u.start("run", "--name", "seen", dir)
	var state specs.State
	if err := json.Unmarshal([]byte(u.mini("state", "seen").stdout), &state); err != nil {
		t.Fatal(err)
	}
	if state.ID != "seen" || state.Status != specs.StateRunning || state.Bundle != dir || state.Pid <= 1 {
		t.Errorf("got state %+v", state)
	}
	if list := u.mini("list"); !strings.Contains(list.stdout, "seen") || !strings.Contains(list.stdout, "running") {
		t.Errorf("got list %q", list.stdout)
	}
	if r := u.mini("delete", "seen"); r.status == 0 {
		t.Error("deleted a running container without --force")
	}
	u.mini("kill", "seen", "TERM").wants(t, 0, "")
	b.wait().wants(t, 0, "")
	if r := u.mini("state", "seen"); r.status == 0 {
		t.Error("mini run is over, but there is still a state")
	}
}

func TestVersionAndDoctor(t *testing.T) {
	u := newUser(t)
	if r := u.mini("version"); r.status != 0 || !strings.Contains(r.stdout, "1.3") {
		t.Errorf("version: %d %q: no version of the specification", r.status, r.stdout)
	}
	r := u.mini("doctor")
	for _, word := range []string{"cgroup", "user", "overlay", "seccomp"} {
		if !strings.Contains(r.stdout+r.stderr, word) {
			t.Errorf("doctor: %d, says nothing of %s:\n%s%s", r.status, word, r.stdout, r.stderr)
		}
	}
}

func TestValidate(t *testing.T) {
	u := newUser(t)
	if r := u.mini("validate", u.bundle()); r.status != 0 {
		t.Errorf("the default configuration: %d %s%s", r.status, r.stdout, r.stderr)
	}
	r := u.mini("validate", u.bundle(func(s *specs.Spec) { s.Process.Cwd = "relative" }))
	if r.status == 0 || !strings.Contains(r.stdout+r.stderr, "/process/cwd") {
		t.Errorf("a relative cwd: %d %s%s", r.status, r.stdout, r.stderr)
	}
}

// TestPlanWithoutRoot: planning asks for no privilege and does nothing.
func TestPlanWithoutRoot(t *testing.T) {
	r := asNobody(t, "plan", "--why", "--rootfs", "/")
	r.wants(t, 0, r.stdout)
	for _, word := range []string{"pivot_root", "proc", "sethostname", "(2)"} {
		if !strings.Contains(r.stdout, word) {
			t.Errorf("no %q in the plan:\n%s", word, r.stdout)
		}
	}
}

// TestGCLeavesTheLivingAlone: what is supervised is not garbage.
func TestGCLeavesTheLivingAlone(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "alive", u.bundle(sh(untilTerm)))
	u.mini("gc")
	if r := u.mini("state", "alive"); r.status != 0 {
		t.Errorf("state after gc: %d %s", r.status, r.stderr)
	}
	b.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestKilledMini: its container does not outlive the next mini command.
func TestKilledMini(t *testing.T) {
	u := newUser(t)
	b := u.start("run", u.bundle(sh("echo ready; sleep 1000 & exec sleep 1000")))
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait() // not b.wait: the container has the pipe's other end
	u.mini("gc").wantStatus(t, 0)
}
