package integration

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// step is one entry of mini plan --format json.
type step struct {
	Stage, Op, Text, Why, Field, Shell string
}

// plan returns the steps that mini would do with these arguments of run.
func (u user) plan(args ...string) []step {
	u.t.Helper()
	r := u.mini(append([]string{"plan", "--format", "json"}, args...)...)
	var plan struct{ Steps []step }
	if err := json.Unmarshal([]byte(r.stdout), &plan); err != nil || r.status != 0 || len(plan.Steps) == 0 {
		u.t.Fatalf("mini plan: status %d, %v\n%s%s", r.status, err, r.stdout, r.stderr)
	}
	return plan.Steps
}

// TestEveryStepSaysWhatAndWhy holds the plan to what a step has to know.
func TestEveryStepSaysWhatAndWhy(t *testing.T) {
	u := newUser(t)
	for i, s := range u.plan(u.bundle()) {
		if s.Stage == "" || s.Op == "" || s.Text == "" || s.Why == "" {
			t.Errorf("step %d says too little: %+v", i+1, s)
		}
	}
}

// TestSIGKILLAtEveryStep kills mini right after each step of its plan in turn.
// mini-faults does that to itself: no one else could hit the moment. Then gc, or
// in every other turn a new run, has to leave the machine as it was.
func TestSIGKILLAtEveryStep(t *testing.T) {
	u := newUser(t)
	dir := u.bundle()
	steps := u.plan(dir)
	for i, s := range steps {
		name := fmt.Sprintf("%02d %s %s", i+1, s.Stage, strings.Map(plainRune, s.Text))
		t.Run(name[:min(len(name), 60)], func(t *testing.T) {
			u := newUser(t)
			dieAfter(t, u, i+1, dir)
			if i%2 == 0 {
				u.mini("gc").wantStatus(t, 0)
			} else {
				u.mini("run", dir, "--", "true").wantStatus(t, 0)
			}
		})
	}
}

// dieAfter runs a mini that is killed after step n. Its output is not wanted: what
// it leaves behind would hold the pipe open.
func dieAfter(t *testing.T, u user, n int, dir string) {
	t.Helper()
	cmd := u.command("run", dir, "--", "sleep", "1000")
	path, err := filepath.Abs(faultPath)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = path
	cmd.Env = append(cmd.Environ(), fmt.Sprintf("MINI_DIE_AFTER=%d", n))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := exitStatus(cmd.ProcessState); got != 128+int(syscall.SIGKILL) {
		t.Fatalf("mini should have died after step %d, got status %d", n, got)
	}
}

func (r result) wantStatus(t *testing.T, want int) {
	t.Helper()
	if r.status != want {
		t.Errorf("got status %d, want %d: %s%s", r.status, want, r.stdout, r.stderr)
	}
}

// plainRune keeps a subtest's name free of what separates names.
func plainRune(r rune) rune {
	if r == '/' {
		return '.'
	}
	return r
}
