package runtime

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mini/health"
	"mini/runtime/notify"
)

// manager is one that has started us, and the next thing it hears.
func manager(t *testing.T, watchdog string) (hears func() notify.Message) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify.sock")
	l, err := notify.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", watchdog)
	t.Setenv("WATCHDOG_PID", "")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return func() notify.Message {
		t.Helper()
		m, err := l.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// TestUpward: READY=1 comes with health and not before, and a sign of life not
// more often than it is wanted.
func TestUpward(t *testing.T) {
	hears := manager(t, "60000000")
	u, err := lookUp(os.Getpid())
	if err != nil || u == nil || u.every != time.Minute {
		t.Fatalf("got %+v, %v", u, err)
	}
	send := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	send(u.report(health.StateStarting, "starting"))
	if m := hears(); m.Ready || m.Status != "starting" {
		t.Errorf("starting: %+v", m)
	}
	send(u.report(health.StateHealthy, "healthy"))
	if m := hears(); !m.Ready || m.MainPID != os.Getpid() {
		t.Errorf("healthy: %+v", m)
	}
	send(u.beat())
	send(u.beat()) // too early: says nothing
	send(u.report(health.StateExited, "exited"))
	if m := hears(); !m.Watchdog {
		t.Errorf("a beat: %+v", m)
	}
	if m := hears(); !m.Stopping || m.Watchdog {
		t.Errorf("exited: %+v", m)
	}
}

// TestNobodyAbove: without a manager nothing is said, and nothing fails.
func TestNobodyAbove(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	u, err := lookUp(os.Getpid())
	if u != nil || err != nil {
		t.Fatalf("got %+v, %v", u, err)
	}
	if err := u.report(health.StateHealthy, ""); err != nil {
		t.Error(err)
	}
	if err := u.beat(); err != nil {
		t.Error(err)
	}
}
