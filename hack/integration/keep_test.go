package integration

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestRunKeep is runc's: the container is there when it has ended, until it is
// deleted, and gc leaves it alone.
func TestRunKeep(t *testing.T) {
	u := newUser(t)
	hook := filepath.Join(t.TempDir(), "poststop")
	dir := u.bundle(sh("sleep 1000 & exit 7"), func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{Poststop: []specs.Hook{{Path: "/bin/touch", Args: []string{"touch", hook}}}}
	})
	u.mini("run", "--keep", "--bundle", dir, "kept").wants(t, 7, "")
	u.mini("gc").wants(t, 0, "")
	u.wantState("kept", specs.StateStopped)
	u.wantError("run", "--keep", "--bundle", dir, "kept").says(t, "kept", "exists")
	u.wantError("exec", "kept", "true").says(t, "stopped")
	if _, err := os.Stat(hook); err == nil {
		t.Error("the poststop hook was run before the container was deleted")
	}
	u.mini("delete", "kept").wants(t, 0, "")
	if _, err := os.Stat(hook); err != nil {
		t.Error(err)
	}
	u.mini("run", "--keep", "--name", "kept", u.bundle(), "--", "kill", "-9", "1").wantStatus(t, 0)
	u.mini("delete", "kept").wants(t, 0, "")
	u.wantError("run", "--keep", "--restart", "always", u.bundle()).says(t, "--keep", "--restart")
	u.mini("run", "--rm", u.bundle(), "--", "true").wants(t, 0, "") // as it is in any case
	u.wantError("run", "-d", "--rm", "-b", u.bundle(), "an-id").says(t, "--rm: in the OCI form")
	u.wantError("run", "-d", "--rm", "--keep", u.bundle()).says(t, "--keep", "--rm")
}

// TestPreserveFdsUnderInit: process 1 of --init hands them on, and keeps none.
func TestPreserveFdsUnderInit(t *testing.T) {
	u := newUser(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	dir := u.bundle(sh("echo through >&3; exec 3>&-; read x </proc/1/comm; ls /proc/1/fd | wc -l >&2; " + openFds))
	r := u.withFiles(nil, []*os.File{write}, "run", "--init", "--preserve-fds", "1", dir)
	write.Close()
	r.wants(t, 0, "012\n")
	_ = read.SetReadDeadline(time.Now().Add(patience()))
	text := make([]byte, 64)
	if n, err := read.Read(text); string(text[:n]) != "through\n" {
		t.Errorf("read %q, %v", text[:n], err)
	}
}

// TestExecIgnorePaused: the program begins when the container goes on.
func TestExecIgnorePaused(t *testing.T) {
	u := newUser(t)
	u.running("ice")
	u.mini("pause", "ice").wants(t, 0, "")
	done := make(chan result)
	cmd := u.command("exec", "--ignore-paused", "ice", "echo", "thawed")
	go func() { done <- finish(t, cmd) }()
	await(t, "the process of exec", func() bool { return len(leaves(t, "ice")) == 1 })
	select {
	case r := <-done:
		t.Fatalf("it did not wait: %+v", r)
	case <-time.After(200 * time.Millisecond):
	}
	u.mini("resume", "ice").wants(t, 0, "")
	r := <-done
	r.wants(t, 0, "thawed\n")
	wantLeaves(t, "ice", 0)
}
