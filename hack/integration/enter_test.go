package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// running starts a container that does nothing until it is deleted.
func (u user) running(id string, changes ...func(*specs.Spec)) {
	u.t.Helper()
	output := u.create(id, u.bundle(append(changes, sh(untilTerm))...))
	u.mini("start", id).wants(u.t, 0, "")
	awaitText(u.t, output, "ready")
}

// TestExec has the flags of exec, seen from inside.
func TestExec(t *testing.T) {
	u := newUser(t)
	u.running("host", func(s *specs.Spec) {
		s.Hostname = "inner"
		s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.TimeNamespace})
	})
	bounding := `grep CapBnd /proc/self/status | tr -d '[:space:]'`
	tests := []struct {
		name   string
		args   []string
		status int
		stdout string
	}{
		{"program", []string{"host", "hostname"}, 0, "inner\n"},
		{"two dashes", []string{"host", "--", "echo", "--", "x"}, 0, "-- x\n"},
		{"status", []string{"host", "sh", "-c", "exit 42"}, 42, ""},
		{"signal", []string{"host", "sh", "-c", "kill -KILL $$"}, 137, ""},
		{"first is 1", []string{"host", "sh", "-c", "[ $$ != 1 ] && cat /proc/1/comm"}, 0, "sh\n"},
		{"cgroup", []string{"host", "sh", "-c", "grep ^0: /proc/self/cgroup | sed s/[0-9]*$//"}, 0, "0::/exec-\n"},
		{"cwd", []string{"--cwd", "/data", "host", "pwd"}, 0, "/data\n"},
		{"env", []string{"--env", "A=1,2", "--env", "B=x", "host", "sh", "-c", "echo $A $B"}, 0, "1,2 x\n"},
		{"user", []string{"--user", "1000:1000", "--additional-gids", "63", "host", "sh", "-c", "id -u; id -g; id -G"}, 0, "1000\n1000\n1000 63\n"},
		{"no new privileges", []string{"--no-new-privs", "host", "grep", "NoNewPrivs", "/proc/self/status"}, 0, "NoNewPrivs:\t1\n"},
		{"session", []string{"host", "sh", "-c", "set -- $(cat /proc/self/stat); [ $6 != 0 ]"}, 0, ""},
		{"capability", []string{"--cap", "CAP_SYS_PTRACE", "host", "sh", "-c", "c=$(" + bounding + "); [ $((0x${c#*:} >> 19 & 1)) = 1 ]"}, 0, ""},
		{"without capability", []string{"host", "sh", "-c", "c=$(" + bounding + "); [ $((0x${c#*:} >> 19 & 1)) = 0 ]"}, 0, ""},
		{"not found", []string{"host", "cart"}, 127, ""},
		{"not executable", []string{"host", "/etc/plain"}, 126, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u.t = t
			u.mini(append([]string{"exec"}, test.args...)...).wants(t, test.status, test.stdout)
		})
	}
	for what, args := range map[string][]string{
		"UID:GID":        {"--user", "guest", "host", "true"},
		"console-socket": {"--detach", "--tty", "host", "true"},
		"a terminal":     {"--tty", "host", "true"},
		"command":        {"host"},
		"no such file":   {"--cgroup", "/nowhere", "host", "true"},
		"is not an abs":  {"--cwd", "data", "host", "true"},
		"chdir /nodir":   {"--cwd", "/nodir", "host", "true"},
	} {
		u.wantError(append([]string{"exec"}, args...)...).says(t, what)
	}
	u.mini("exec", "host", "ls", "-d", "/nodir").wantStatus(t, 1)
	r := u.mini("exec", "--cap", "CAP_NONE", "host", "true")
	r.wantStatus(t, 0)
	r.says(t, "CAP_NONE")
}

// TestExecDebug: that the steps are watched changes nothing.
func TestExecDebug(t *testing.T) {
	u := newUser(t)
	u.running("host")
	r := u.mini("--debug", "exec", "host", "echo", "done")
	r.wants(t, 0, "done\n")
	r.says(t, "spawn: clone3")
	r.says(t, "pivot: setsid")
	r.says(t, "last: execve")
	u.wantError("--debug", "exec", "--cwd", "/nodir", "host", "true").says(t, "chdir /nodir")
}

// TestExecProcess gives the whole process in a file, as engines do.
func TestExecProcess(t *testing.T) {
	u := newUser(t)
	u.running("host")
	file := filepath.Join(t.TempDir(), "process.json")
	p := specs.Process{Args: []string{"sh", "-c", "pwd; echo $X; id -u"}, Cwd: "/tmp", Env: []string{"PATH=/bin", "X=y"}, User: specs.User{UID: 1000, GID: 1000}}
	text, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	u.mini("exec", "--process", file, "host").wants(t, 0, "/tmp\ny\n1000\n")
	u.wantError("exec", "--process", file, "host", "ls").says(t, "--process")
	u.wantError("exec", "--process", "/nowhere", "host").says(t, "/nowhere")
	for text, says := range map[string]string{
		"{\n \"args\": [\"true\"],\n \"cwd\": 7}": `process.json:3:9: /cwd: expected a string, found `,
		`{"args": ["true", 1], "cwd": "/"}`:       `process.json:1:19: /args/1: expected a string, found `,
		`{"args": ["true"], "cwd": "/"`:           `process.json:1:\d+: `,
		`[]`:                                      `process.json:1:1: .*expected an object, found `,
		`{"args": []}`:                            `args is empty`,
		`{"args": ["false"], "cwd": "/", "user": {"uid": 0, "grp": [1]}}`: `process.json: /user/grp: unknown`, // told, and done
	} {
		file := filepath.Join(t.TempDir(), "process.json")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		r := u.mini("exec", "--process", file, "host")
		r.says(t, says)
		if want := map[bool]int{true: 1, false: 125}[strings.Contains(text, "false")]; r.status != want {
			t.Errorf("%s: status %d, want %d", text, r.status, want)
		}
	}
}

// TestExecDetached: it lives on, in the container's cgroup, and dies with it.
func TestExecDetached(t *testing.T) {
	u := newUser(t)
	u.running("host")
	pidFile := filepath.Join(t.TempDir(), "pid")
	r, _ := u.quiet("exec", "--detach", "--pid-file", pidFile, "host", "sleep", "1000")
	r.wantStatus(t, 0)
	text, err := os.ReadFile(pidFile)
	if err != nil || !strings.Contains(u.mini("ps", "-f", "json", "host").stdout, string(text)) {
		t.Errorf("pid %q, %v, is not among the container's", text, err)
	}
	u.mini("kill", "host", "KILL").wants(t, 0, "")
	// We are its parent now. Until someone has waited for it, the pid namespace
	// cannot go.
	if pid, err := strconv.Atoi(string(text)); err == nil {
		_, _ = unix.Wait4(pid, nil, 0, nil)
	}
	u.awaitStopped("host")
}

// TestExecForwardsSignals: who stops mini stops the program.
func TestExecForwardsSignals(t *testing.T) {
	u := newUser(t)
	u.running("host")
	b := u.start("exec", "host", "sh", "-c", "trap 'echo got; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
	b.signal(syscall.SIGTERM).wants(t, 9, "got\n")
}

// TestExecInCreated: an engine may enter before the start.
func TestExecInCreated(t *testing.T) {
	u := newUser(t)
	u.create("early", u.bundle(sh("true")))
	u.mini("exec", "early", "sh", "-c", "ls -d /data").wants(t, 0, "/data\n")
	u.wantState("early", specs.StateCreated)
}
