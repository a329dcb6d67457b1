package integration

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// counted is a bundle whose program appends a line to /data/runs with each run,
// then does what the script says; $n is the number of this run.
func counted(t *testing.T, u user, script string) (args []string, runs func() int) {
	t.Helper()
	data := t.TempDir()
	if err := os.Chmod(data, 0o777); err != nil {
		t.Fatal(err)
	}
	dir := u.bundle(sh("echo run >>/data/runs; n=$(wc -l </data/runs); " + script))
	runs = func() int {
		text, _ := os.ReadFile(filepath.Join(data, "runs"))
		return strings.Count(string(text), "\n")
	}
	return []string{"--volume", data + ":/data", dir}, runs
}

func TestRestart(t *testing.T) {
	tests := []struct {
		name, policy, script string
		status, runs         int
	}{
		{"no", "no", "exit 3", 3, 1},
		{"on-failure until it works", "on-failure", "[ $n = 3 ]", 0, 3},
		{"on-failure, and it worked", "on-failure", "exit 0", 0, 1},
		{"on-failure gives up", "on-failure:2", "exit 3", 3, 3},
		{"on-failure after a crash of its child", "on-failure", "[ $n = 2 ] || { sh -c 'kill -SEGV $$'; exit $?; }", 0, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			args, runs := counted(t, u, test.script)
			r := u.mini(append([]string{"run", "--restart", test.policy}, args...)...)
			r.wants(t, test.status, "")
			if got := runs(); got != test.runs {
				t.Errorf("got %d runs, want %d\n%s", got, test.runs, r.stderr)
			}
		})
	}
}

// TestRestartAlways ends only when it is told to.
func TestRestartAlways(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "[ $n -lt 3 ] || { trap 'exit 0' TERM; echo third; while :; do sleep 0.05; done; }; exit 0")
	b := u.start(append([]string{"run", "--restart", "always"}, args...)...)
	b.signal(syscall.SIGTERM).wants(t, 0, "")
	if got := runs(); got != 3 {
		t.Errorf("got %d runs, want 3", got)
	}
}

// TestUnhealthyIsRestarted: the first run falls ill, the second does not.
func TestUnhealthyIsRestarted(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, `[ $n != 1 ] || exec sleep 1000; echo well`)
	r := u.mini(append([]string{"run", "--restart", "on-failure", "--health-cmd", `[ "$(wc -l </data/runs)" != 1 ]`,
		"--health-interval", "200ms", "--health-retries", "2"}, args...)...)
	r.wants(t, 0, "well\n")
	r.says(t, "unhealthy")
	if got := runs(); got != 2 {
		t.Errorf("got %d runs, want 2", got)
	}
}

// TestHealthyIsLeftAlone: probes that succeed change nothing.
func TestHealthyIsLeftAlone(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, `until [ -e /data/probed3 ]; do sleep 0.05; done; exit 6`)
	probe := `cd /data; if [ -e probed2 ]; then touch probed3; elif [ -e probed1 ]; then touch probed2; else touch probed1; fi`
	r := u.mini(append([]string{"run", "--health-cmd", probe, "--health-interval", "100ms"}, args...)...)
	r.wants(t, 6, "")
	if got := runs(); got != 1 {
		t.Errorf("got %d runs, want 1\n%s", got, r.stderr)
	}
}

// TestGaveUp: one that was started too often has failed, whatever its programs
// said.
func TestGaveUp(t *testing.T) {
	u := newUser(t)
	args, runs := counted(t, u, "exit 0")
	r := u.mini(append([]string{"run", "--restart", "always", "--restart-delay", "1ms", "--start-limit", "3/1m"}, args...)...)
	r.wants(t, 125, "")
	r.says(t, `failed: started too often; started 3 times`)
	if got := runs(); got != 3 {
		t.Errorf("got %d runs, want 3", got)
	}
}
