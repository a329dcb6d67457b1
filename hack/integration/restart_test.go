package integration

import (
	"os"
	"slices"
	"sync"
	"testing"
)

// TestRestartCommand: another run of the same, on a fresh overlay, whatever the
// policy, and not counted.
func TestRestartCommand(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "[ ! -e /tmp/old ] || echo old; touch /tmp/old; trap 'echo bye; exit 1' TERM; echo run $n; [ $n != 4 ] || exit 9; while :; do sleep 0.05; done")
	u.detached("web", append([]string{"--restart", "on-failure:1"}, args...)...)
	u.until("web", "run 1")
	first := u.inspect("web").Pid
	u.mini("restart", "web").wants(t, 0, "")
	u.until("web", "run 2")
	if pid := u.inspect("web").Pid; pid == first || pid == 0 {
		t.Errorf("pid %d after %d", pid, first)
	}
	u.mini("restart", "--grace", "0s", "web").wants(t, 0, "")
	u.until("web", "run 3")
	u.mini("kill", "web", "TERM").wants(t, 0, "") // exit 1: restarted; run 4 exits with 9
	u.mini("wait", "web").wants(t, 9, "9\n")
	if n := runs(); n != 4 {
		t.Errorf("%d runs, want 4", n)
	}
	u.mini("logs", "web").wants(t, 0, "run 1\nbye\nrun 2\nrun 3\nbye\nrun 4\n")
	u.mini("logs", "web").says(t, "mini restart")
}

// TestRestartOfEnded: it begins anew, as it was started and updated, with its log,
// however it had ended; a stop that was asked for is forgotten.
func TestRestartOfEnded(t *testing.T) {
	for _, death := range []string{"kill", "adopt"} {
		t.Run(death, func(t *testing.T) {
			u := newUser(t)
			args, runs := counted(t, u, "echo run $n; [ $n != 2 ] || exit 3; "+untilTerm)
			u.detached("web", slices.Concat([]string{"--on-supervisor-death", death, "--restart", "on-failure", "--restart-delay", "10ms", "--grace", "1m", "--health-cmd", "true", "--health-interval", "50ms"}, args)...)
			u.until("web", "run 1")
			u.mini("stop", "--grace", "0s", "web").wants(t, 0, "")
			u.mini("restart", "web").wants(t, 0, "")
			u.until("web", "run 3") // the second failed, and the policy holds again
			u.mini("wait", "--for", "healthy", "web").wants(t, 0, "")
			u.mini("stop", "web").wants(t, 0, "") // with its own grace, which is long
			u.mini("restart", "web").wants(t, 0, "")
			u.until("web", "run 4")
			u.mini("kill", "web", "TERM").wants(t, 0, "")
			u.mini("wait", "web").wants(t, 0, "0\n")
			if n := runs(); n != 4 {
				t.Errorf("%d runs, want 4", n)
			}
			u.mini("delete", "web").wants(t, 0, "")
		})
	}
}

// TestRestartOfEndedFails: it stays as it was.
func TestRestartOfEndedFails(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	u.detached("web", "--volume", data+":/data", u.bundle(), "--", "sh", "-c", "exit 7")
	u.mini("wait", "web").wants(t, 7, "7\n")
	if err := os.Remove(data); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		u.wantError("restart", "web").says(t, data)
		u.mini("wait", "web").wants(t, 7, "7\n")
	}
	u.mini("gc").wants(t, 0, "")
	u.mini("delete", "web").wants(t, 0, "")
	u.mini("run", "--keep", "--name", "kept", u.bundle(), "--", "true").wants(t, 0, "")
	u.wantError("restart", "kept").says(t, "delete it, and run it again")
	u.mini("delete", "kept").wants(t, 0, "")
}

// TestRestartOfEndedTwice: of many at once one starts it, and it runs for all.
func TestRestartOfEndedTwice(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "[ $n != 1 ] || exit 0; "+untilTerm)
	u.detached("web", args...)
	u.mini("wait", "web").wants(t, 0, "0\n")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { u.mini("restart", "web").wants(t, 0, "") })
	}
	all.Wait()
	u.eventually(func() bool { return runs() > 1 }) // its shell counts
	u.mini("stop", "--grace", "0s", "web").wants(t, 0, "")
	if n := runs(); n > 5 {
		t.Errorf("%d runs", n)
	}
}

// TestRestartOfOthers has nobody to ask.
func TestRestartOfOthers(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "web", u.bundle(sh(untilTerm)))
	u.mini("restart", "web").wantStatus(t, 125)
	u.mini("restart", "nobody").wantStatus(t, 125)
	u.mini("stop", "web").wants(t, 0, "")
	b.wait().wantStatus(t, 0)
}

// TestRestartBetweenRuns: who asks during a back-off does not wait for its end.
func TestRestartBetweenRuns(t *testing.T) {
	u := newUser(t)
	args, _ := counted(t, u, "[ $n = 2 ] || exit 1; echo here; exec sleep 1000")
	u.detached("web", append([]string{"--restart", "always", "--restart-delay", "10m", "--restart-delay-max", "1h"}, args...)...)
	u.eventually(func() bool { return u.inspect("web").Status == "restarting" })
	u.mini("restart", "web").wants(t, 0, "")
	u.until("web", "here")
}
