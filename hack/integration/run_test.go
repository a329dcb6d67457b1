package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestExitStatus(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		status int
	}{
		{"success", []string{"true"}, 0},
		{"the program's own", []string{"sh", "-c", "exit 7"}, 7},
		{"the program's own 125", []string{"sh", "-c", "exit 125"}, 125},
		{"the program's own 255", []string{"sh", "-c", "exit 255"}, 255},
		{"killed by a signal", []string{"sh", "-c", "sh -c 'kill -KILL $$'; exit $?"}, 137},
		{"not found", []string{"nothing-here"}, 127},
		{"path not found", []string{"/bin/nothing-here"}, 127},
		{"not executable", []string{"/etc/plain"}, 126},
		{"a directory", []string{"/etc"}, 126},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			u.mini(append([]string{"run", u.bundle(), "--"}, test.args...)...).wants(t, test.status, "")
		})
	}
}

func TestBadFlagsAre125(t *testing.T) {
	u := newUser(t)
	for _, args := range [][]string{
		{"run", "--no-such-flag", "x"}, {"no-such-command"}, {"run"}, {"run", "--memory", "lots", u.bundle()},
	} {
		r := u.mini(args...)
		r.wants(t, 125, "")
		r.says(t, `\S`)
	}
}

func TestOCIForm(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo in $(hostname)"), func(s *specs.Spec) { s.Hostname = "boxed" })
	u.mini("run", "-b", dir, "an-id").wants(t, 0, "in boxed\n")
}

func TestStdoutIsTheProgramsOwn(t *testing.T) {
	u := newUser(t)
	r := u.mini("run", "--explain", u.bundle(sh("echo out; echo err >&2")))
	r.wants(t, 0, "out\n")
	r.says(t, `(?m)^err$`, `pivot_root`)
}

// TestTimerSlack: what init works with for its own sake is not the program's, nor
// that of one that comes later.
func TestTimerSlack(t *testing.T) {
	ours, err := os.ReadFile("/proc/self/timerslack_ns")
	if err != nil {
		t.Fatal(err)
	}
	u := newUser(t)
	u.mini("run", u.bundle(), "--", "cat", "/proc/self/timerslack_ns").wants(t, 0, string(ours))
	u.running("slack")
	u.mini("exec", "slack", "cat", "/proc/self/timerslack_ns").wants(t, 0, string(ours))
	u.mini("delete", "--force", "slack").wants(t, 0, "")
}

func TestStdinReachesTheProgram(t *testing.T) {
	u := newUser(t)
	cmd := u.command("run", u.bundle(), "--", "cat")
	cmd.Stdin = strings.NewReader("through\n")
	finish(t, cmd).wants(t, 0, "through\n")
}

// TestManyShareABundle runs containers on one bundle at the same time. Each
// writes, none sees the other, and the bundle stays as it was.
func TestManyShareABundle(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh(`test ! -e /mine || exit 9; echo "$0" >/mine; rm /bin/ls; echo x >>/etc/passwd; cat /mine`))
	before := treeDigest(t, rootfsDir)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { u.mini("run", dir).wants(t, 0, "/bin/sh\n") })
	}
	all.Wait()
	if after := treeDigest(t, rootfsDir); after != before {
		t.Error("the containers changed their bundle")
	}
}

// TestOverlayOff is the other way: without an overlay writes reach the bundle.
func TestOverlayOff(t *testing.T) {
	u := newUser(t)
	root := t.TempDir()
	if err := run("cp", "-a", rootfsDir+"/.", root); err != nil {
		t.Fatal(err)
	}
	dir := u.bundle(sh("echo kept >/data/kept"), func(s *specs.Spec) {
		s.Root = &specs.Root{Path: root}
		withoutUserNS(s)
	})
	u.mini("run", "--overlay", "off", dir).wants(t, 0, "")
	if text, err := os.ReadFile(filepath.Join(root, "data/kept")); string(text) != "kept\n" {
		t.Errorf("the write did not reach root.path: %q, %v", text, err)
	}
}

func TestOverlayDirKeepsWrites(t *testing.T) {
	u := newUser(t)
	upper := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(upper, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := u.bundle()
	u.mini("run", "--overlay", upper, dir, "--", "sh", "-c", "echo first >/note").wants(t, 0, "")
	u.mini("run", "--overlay", upper, dir, "--", "cat", "/note").wants(t, 0, "first\n")
}

func TestLayers(t *testing.T) {
	u := newUser(t)
	lower, higher := t.TempDir(), t.TempDir()
	for dir, text := range map[string]string{lower: "lower\n", higher: "higher\n"} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := writeFiles(dir, map[string]string{"which": text, filepath.Base(text[:5]): ""}); err != nil {
			t.Fatal(err)
		}
	}
	r := u.mini("run", "--layer", lower, "--layer", higher, u.bundle(), "--", "sh", "-c", "ls -d /lower /highe; cat /which")
	r.wants(t, 0, "/highe\n/lower\nhigher\n")
}

// treeDigest is a sum over names, types, modes, times and contents.
func treeDigest(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c",
		`cd "$0" && { find . -printf "%p %y %m %U %G %s %T@ %l\n" | sort; find . -type f -exec sha256sum {} + | sort; } | sha256sum`, dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestHostRoot runs on a copy-on-write view of the machine's own root.
func TestHostRoot(t *testing.T) {
	u := newUser(t)
	marker := "/usr/mini-was-here-" + strconv.Itoa(os.Getpid())
	r := u.mini("run", "--rootfs", "/", "--", "sh", "-c", "id -u; echo x >"+marker+" && cat "+marker)
	r.wants(t, 0, "0\nx\n")
	if _, err := os.Lstat(marker); err == nil {
		t.Errorf("%s reached the host", marker)
		_ = os.Remove(marker)
	}
}

func TestRootfsDirectory(t *testing.T) {
	u := newUser(t)
	u.mini("run", "--rootfs", rootfsDir, "--", "sh", "-c", "id -u; ls /data; echo $$").wants(t, 0, "0\n1\n")
}

func TestTimeout(t *testing.T) {
	u := newUser(t)
	// As pid 1 without a handler, sleep cannot be ended by TERM.
	u.mini("run", "--timeout", "300ms", "--grace", "300ms", u.bundle(), "--", "sleep", "1000").wants(t, 124, "")
	dir := u.bundle(sh(`trap 'echo ended; exit 5' TERM; while :; do sleep 0.05; done`))
	timeout := 300 * time.Millisecond
	r := u.mini("run", "--timeout", timeout.String(), "--grace", "1m", dir)
	for strings.Contains(r.stderr, "has no handler") && timeout < patience()/3 { // it had no time to set it
		timeout *= 3
		r = u.mini("run", "--timeout", timeout.String(), "--grace", "1m", dir)
	}
	r.wants(t, 124, "ended\n")
}

func TestSignalsAreForwarded(t *testing.T) {
	u := newUser(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2} {
		n := strconv.Itoa(int(signal))
		b := u.start("run", u.bundle(sh("trap 'echo got "+n+"; exit 9' "+n+"; echo ready; while :; do sleep 0.05; done")))
		b.signal(signal).wants(t, 9, "got "+n+"\n")
	}
}

// TestInit: the reaping pid 1 forwards signals that pid 1 itself would be immune
// to, and a program's orphans do not stay zombies.
func TestInit(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--init", u.bundle(sh("echo $$; exec sleep 1000")))
	b.signal(syscall.SIGTERM).wants(t, 143, "")
	r := u.mini("run", "--init", u.bundle(sh(`[ $$ != 1 ] || exit 8
		sh -c 'sh -c "exit 3" & exit 0'
		tries=0
		while grep -q 'State:.*Z' /proc/[0-9]*/status 2>/dev/null; do
			tries=$((tries + 1)); [ $tries -lt 3000 ] || exit 9
			sleep 0.01
		done
		exit 4`)))
	r.wants(t, 4, "")
}
