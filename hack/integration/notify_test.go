package integration

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime/notify"
)

// manager is a service manager that waits for a message.
func manager(t *testing.T) (address string, next func() (notify.Message, error)) {
	t.Helper()
	address = filepath.Join(t.TempDir(), "manager")
	l, err := notify.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return address, func() (notify.Message, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience())
		defer cancel()
		return l.Next(ctx)
	}
}

// speaks has the tool notify in the container, whose root is the test's to change.
func speaks(t *testing.T, script string) func(*specs.Spec) {
	root := toolsRoot(t)
	return func(s *specs.Spec) {
		withoutUserNS(s)
		sh(script)(s)
		s.Root.Path = root
	}
}

// TestReadyIsPassedOn: who starts a container in the OCI form for a service
// manager comes back when the program is ready, and the manager knows it by the
// program's number on the host.
func TestReadyIsPassedOn(t *testing.T) {
	for _, form := range []string{"create", "run"} {
		t.Run(form, func(t *testing.T) {
			u := newUser(t)
			address, next := manager(t)
			dir := u.bundle(speaks(t, "notify STATUS=early; until [ -e /tmp/now ]; do sleep 0.02; done; notify READY=1 STATUS=here; exec sleep 1000"))
			told := func(args ...string) *exec.Cmd {
				cmd := u.command(args...)
				cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address)
				return cmd
			}
			start := told("run", "--detach", "--bundle", dir, "ready")
			if form == "create" {
				if err := told("create", "--bundle", dir, "ready").Run(); err != nil {
					t.Fatal(err)
				}
				start = told("start", "ready")
			}
			t.Cleanup(func() { u.mini("delete", "--force", "ready").wantStatus(t, 0) })
			if err := start.Start(); err != nil {
				t.Fatal(err)
			}
			await(t, "the program", func() bool { return u.mini("exec", "ready", "touch", "/tmp/now").status == 0 })
			m, err := next()
			if err != nil || !m.Ready || m.MainPID != *u.state("ready").Pid || m.Status != "here" {
				t.Errorf("the manager was told %+v, %v", m, err)
			}
			if m, err := next(); err != nil || !m.Barrier { // which lets start end
				t.Errorf("got %+v, %v, want a barrier", m, err)
			}
			go next()
			if err := start.Wait(); err != nil {
				t.Errorf("start: %v", err)
			}
		})
	}
}

// TestNeverReady: a program that ends before it is ready does not keep start.
func TestNeverReady(t *testing.T) {
	u := newUser(t)
	address, _ := manager(t)
	cmd := u.command("run", "--detach", "--bundle", u.bundle(speaks(t, "exit 3")), "never")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address)
	begin := time.Now()
	if err := cmd.Run(); err != nil { // one that waits is killed in the end
		t.Error(err)
	}
	if took := time.Since(begin); took > patience()/2 {
		t.Errorf("it took %s", took)
	}
	u.mini("delete", "never").wantStatus(t, 0)
}

// TestStatusInHealth: what the program says of itself is part of how it is, until
// another says something else.
func TestStatusInHealth(t *testing.T) {
	u := newUser(t)
	u.detached("talks", "--health-probe", "notify", u.bundle(speaks(t, "notify READY=1; notify STATUS='3 of 4'; exec sleep 1000")))
	await(t, "the status", func() bool { v, _ := u.health("talks"); return v.Status == "3 of 4" })
	if r := u.mini("health", "talks"); !strings.Contains(r.stdout, "\n  says: 3 of 4\n") {
		t.Errorf("got %q", r.stdout)
	}
}
