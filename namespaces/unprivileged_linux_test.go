package namespaces

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// helpNested starts a helper as whom we are: an ordinary user.
func helpNested(text string) error {
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	f, err := Probe()
	if err != nil {
		return err
	}
	if f.Privileged {
		return errors.New("privileged")
	}
	child := &Child{Args: []string{helperName, "report"}, Env: os.Environ(), Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}}
	if child.Exe, err = os.Open("/proc/self/exe"); err != nil {
		return err
	}
	if err := spawn(c, f, child); err != nil {
		return err
	}
	return child.reap()
}

// TestUnprivileged does as uid 65534 what an ordinary user may.
func TestUnprivileged(t *testing.T) {
	needRoot(t)
	own := []specs.LinuxIDMapping{mapping(0, 65534, 1)}
	for _, types := range []string{"user", "user pid mount network ipc uts cgroup", "user pid time"} {
		c := Config{Namespaces: list(types), UIDMappings: own, GIDMappings: own}
		if strings.Contains(types, "time") {
			c.TimeOffsets = map[string]specs.LinuxTimeOffset{"monotonic": {Secs: 1000}}
		}
		r := asNobody(t, c)
		if r.UID != 0 || r.UIDMap != "0 65534 1" || r.GIDMap != "0 65534 1" {
			t.Errorf("%s: uid %d, maps %q %q", types, r.UID, r.UIDMap, r.GIDMap)
		}
		if strings.Contains(types, "time") && r.Monotonic < clock(unix.CLOCK_MONOTONIC)+900 {
			t.Errorf("%s: monotonic clock not shifted: %d", types, r.Monotonic)
		}
	}
}

// TestUnprivilegedJoin enters, as an ordinary user, what is only open to the
// root of a user namespace of that user's: user must come first.
func TestUnprivilegedJoin(t *testing.T) {
	needRoot(t)
	own := []specs.LinuxIDMapping{mapping(0, 65534, 1)}
	text, _ := json.Marshal(Config{Namespaces: list("user network uts"), UIDMappings: own, GIDMappings: own})
	cmd, out, end := nobodyCmd(t, string(text))
	defer cmd.Wait()
	defer end.Close()
	var target report
	if err := json.NewDecoder(out).Decode(&target); err != nil {
		t.Fatal(err)
	}
	pid := strings.TrimSpace(readFile(t, fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid)))
	if pid == "" { // started by another thread
		pid = anyChild(t, cmd.Process.Pid)
	}
	r := asNobody(t, Config{Namespaces: list("network=/proc/" + pid + "/ns/net uts=/proc/" + pid + "/ns/uts user=/proc/" + pid + "/ns/user mount")})
	for _, f := range []string{"user", "net", "uts"} {
		if r.Namespaces[f] != target.Namespaces[f] {
			t.Errorf("%s namespace is %s, want %s", f, r.Namespaces[f], target.Namespaces[f])
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// anyChild finds the one child of pid, by whichever of its threads.
func anyChild(t *testing.T, pid int) string {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, _ := os.ReadFile(f) // a thread may have ended since
		if text := strings.TrimSpace(string(raw)); text != "" {
			return text
		}
	}
	t.Fatalf("process %d has no child", pid)
	return ""
}

// nobodyCmd starts the nested helper as uid 65534.
func nobodyCmd(t *testing.T, text string) (*exec.Cmd, io.Reader, io.Closer) {
	t.Helper()
	return asNobodyHelper(t, "nested", text)
}

// asNobodyHelper starts a helper as uid 65534.
func asNobodyHelper(t *testing.T, args ...string) (*exec.Cmd, io.Reader, io.Closer) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Args[0] = helperName
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out, in
}

func asNobody(t *testing.T, c Config) report {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd, out, end := nobodyCmd(t, string(text))
	var r report
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		t.Errorf("report: %v", err)
	}
	end.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	return r
}
