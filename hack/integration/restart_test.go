package integration

import "testing"

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
	u.mini("restart", "web").wantStatus(t, 125)
}

// TestRestartOfOthers has nobody to ask.
func TestRestartOfOthers(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "web", u.bundle(sh("echo up; "+untilTerm)))
	u.mini("restart", "web").wantStatus(t, 125)
	u.mini("restart", "nobody").wantStatus(t, 125)
	u.mini("stop", "web").wants(t, 0, "")
	b.wait().wantStatus(t, 0)
}

// TestRestartBetweenRuns: who asks during a back-off does not wait for its end.
func TestRestartBetweenRuns(t *testing.T) {
	u := newUser(t)
	args, _ := counted(t, u, "[ $n = 2 ] || exit 1; echo here; exec sleep 1000")
	u.detached("web", append([]string{"--restart", "always", "--restart-delay", "1m"}, args...)...)
	u.eventually(func() bool { return u.inspect("web").Status == "restarting" })
	u.mini("restart", "web").wants(t, 0, "")
	u.until("web", "here")
}
