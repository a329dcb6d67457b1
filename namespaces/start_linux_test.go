package namespaces

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

var someIDs = []specs.LinuxIDMapping{mapping(0, 100000, 1000), mapping(1000, 300000, 1)}

// wantNew checks that exactly the named namespaces (by file) differ from ours.
func wantNew(t *testing.T, s *started, files string) {
	t.Helper()
	own := ownNamespaces()
	for _, k := range kinds {
		want := slices.Contains(strings.Fields(files), k.file)
		if got := s.Namespaces[k.file] != own[k.file]; got != want {
			t.Errorf("%s namespace %s, ours is %s: new is %v, want %v", k.file, s.Namespaces[k.file], own[k.file], got, want)
		}
	}
}

func TestNewNamespaces(t *testing.T) {
	needRoot(t)
	for _, tt := range []struct{ types, files string }{
		{"", ""},
		{"pid", "pid"},
		{"network", "net"},
		{"mount", "mnt"},
		{"ipc", "ipc"},
		{"uts", "uts"},
		{"user", "user"},
		{"cgroup", "cgroup"},
		{"time", "time"},
		{"pid network mount ipc uts cgroup", "pid net mnt ipc uts cgroup"},
		{"pid network mount ipc uts cgroup user", "pid net mnt ipc uts cgroup user"},
		{allNames, "pid net mnt ipc uts cgroup user time"},
	} {
		t.Run(tt.types, func(t *testing.T) {
			c := Config{Namespaces: list(tt.types)}
			if strings.Contains(tt.types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			s := startIn(t, c)
			defer s.stop(t)
			wantNew(t, s, tt.files)
			if isPid1 := s.Pid == 1; isPid1 != strings.Contains(tt.types, "pid") {
				t.Errorf("pid inside is %d", s.Pid)
			}
			checkCell(t, s)
		})
	}
}

// checkCell compares the child's cell with the process that reported.
func checkCell(t *testing.T, s *started) {
	t.Helper()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", s.child.Pid))
	if err != nil || link != s.Namespaces["user"] {
		t.Errorf("Child.Pid %d is in %s, %v; the helper in %s", s.child.Pid, link, err, s.Namespaces["user"])
	}
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", s.child.Pidfd.Fd()))
	if err != nil || !strings.Contains(string(info), fmt.Sprintf("Pid:\t%d\n", s.child.Pid)) {
		t.Errorf("Child.Pidfd is not of %d: %s %v", s.child.Pid, info, err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.child.Pid))
	_, words, _ := strings.Cut(string(stat), ") ")
	if _, parent, _ := strings.Cut(words, " "); err != nil || words[0] == 'Z' || !strings.HasPrefix(parent, fmt.Sprint(os.Getpid(), " ")) {
		t.Errorf("not our child, or ended: %s %v", stat, err)
	}
}

func TestIDMaps(t *testing.T) {
	needRoot(t)
	for _, types := range []string{"user", "user pid time network mount ipc uts cgroup"} {
		s := startIn(t, Config{Namespaces: list(types), UIDMappings: someIDs, GIDMappings: someIDs[:1]})
		if want := "0 100000 1000 1000 300000 1"; s.UIDMap != want {
			t.Errorf("uid_map is %q, want %q", s.UIDMap, want)
		}
		if want := "0 100000 1000"; s.GIDMap != want {
			t.Errorf("gid_map is %q, want %q", s.GIDMap, want)
		}
		if s.UID != 0 || s.GID != 0 || len(s.Groups) != 0 {
			t.Errorf("uid %d, gid %d, groups %v, want root without groups", s.UID, s.GID, s.Groups)
		}
		if n, _ := strconv.ParseUint(s.CapEff, 16, 64); n&(1<<unix.CAP_SYS_ADMIN) == 0 {
			t.Errorf("capabilities %s lack CAP_SYS_ADMIN", s.CapEff)
		}
		s.stop(t)
	}
}

func TestTimeOffsets(t *testing.T) {
	needRoot(t)
	day := map[string]specs.LinuxTimeOffset{"monotonic": {Secs: 86400}, "boottime": {Secs: 7 * 86400, Nanosecs: 1}}
	for _, types := range []string{"time", "time user pid"} {
		c := Config{Namespaces: list(types), TimeOffsets: day}
		if types != "time" {
			c.UIDMappings, c.GIDMappings = someIDs, someIDs
		}
		s := startIn(t, c)
		for _, tt := range []struct {
			clock      string
			got, shift int64
		}{
			{"monotonic", s.Monotonic - clock(unix.CLOCK_MONOTONIC), 86400},
			{"boottime", s.Boottime - clock(unix.CLOCK_BOOTTIME), 7 * 86400},
		} {
			if tt.got > tt.shift+1 || tt.got < tt.shift-60 {
				t.Errorf("%s: %s shifted by %d s, want %d", types, tt.clock, tt.got, tt.shift)
			}
		}
		s.stop(t)
	}
}

func TestStartErrors(t *testing.T) {
	needRoot(t)
	other := startIn(t, Config{Namespaces: list("uts")})
	defer other.stop(t)
	for _, tt := range []struct {
		name  string
		c     Config
		edit  func(*Child)
		want  string
		errno error
	}{
		{"no such path", Config{Namespaces: list("uts=/none")}, nil, "/linux/namespaces/0/path: open: ", unix.ENOENT},
		{"no namespace", Config{Namespaces: list("uts=/dev/null")}, nil, "/linux/namespaces/0/path: is not a namespace", nil},
		{"another type", Config{Namespaces: []specs.LinuxNamespace{{Type: "ipc", Path: nsPath(other, "uts")}}}, nil, "is a namespace of another type: CLONE_NEWUTS", nil},
		{"mounts of our own", Config{Namespaces: list("mount=/proc/self/ns/mnt")}, nil, "is the namespace mini itself is in, and /root would change it", nil},
		{"hostname of our own", Config{Namespaces: list("uts=/proc/self/ns/uts"), Hostname: "x"}, nil, "is the namespace mini itself is in, and /hostname would change it", nil},
		{"sysctl of our own", Config{Namespaces: list("network=/proc/self/ns/net"), Sysctl: map[string]string{"net.core.somaxconn": "7"}}, nil, "/linux/sysctl/net.core.somaxconn would change it", nil},
		{"no cgroup", Config{Cgroup: true}, nil, "no cgroup to be born in", nil},
		{"cgroup is none", Config{}, func(c *Child) { c.Cgroup = c.Exe }, "clone3: ", unix.EBADF},
		{"no program", Config{}, func(c *Child) { c.Exe = nil }, "no program", nil},
		{"a directory", Config{}, func(c *Child) { c.Exe = openFile(t, "/") }, "execveat: ", unix.EACCES},
		{"a bad program", Config{Namespaces: list("time")}, func(c *Child) { c.Exe = openFile(t, badProgram(t)) }, "execveat: ", unix.ENOEXEC},
		{"a directory, later", Config{}, func(c *Child) { c.Exe, c.Ahead = openFile(t, "/"), true }, "execveat: ", unix.EACCES},
		{"a bad program, at once", Config{Namespaces: list("time")}, func(c *Child) { c.Exe, c.Ahead = openFile(t, badProgram(t)), true }, "execveat: ", unix.ENOEXEC},
		{"zero byte", Config{}, func(c *Child) { c.Args = append(c.Args, "\x00") }, `"\x00": `, unix.EINVAL},
		{"rlimit", Config{}, func(c *Child) { c.Nofile = &unix.Rlimit{Cur: 2, Max: 1} }, "prlimit RLIMIT_NOFILE: ", unix.EINVAL},
		{"offset", Config{Namespaces: list("time"), TimeOffsets: map[string]specs.LinuxTimeOffset{"monotonic": {Secs: -1 << 40}}}, nil, "write: ", unix.ERANGE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			child, _, _ := newChild(t, "report")
			if tt.edit != nil {
				tt.edit(child)
			}
			steps, err := Plan(tt.c, root, child)
			if err != nil {
				t.Fatal(err)
			}
			defer child.Abort()
			err = run(steps.Spawn)
			if child.Ahead && err == nil {
				err = child.Await()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.errno != nil && !errors.Is(err, tt.errno) {
				t.Errorf("got error %v, want %q and %v", err, tt.want, tt.errno)
			}
		})
	}
}

// TestOutOfOrder wants ops to fail, not to crash, without the ones before them.
func TestOutOfOrder(t *testing.T) {
	child, _, _ := newChild(t, "report")
	steps, err := Plan(Config{Namespaces: list("user time"), UIDMappings: someIDs, GIDMappings: someIDs, TimeOffsets: shifts}, root, child)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range steps.Spawn[1:] {
		if err := op.Do(); err == nil || err.Error() != "no process is waiting" {
			t.Errorf("%s: got error %v", op, err)
		}
	}
	if err := child.Abort(); err != nil {
		t.Errorf("abort: %v", err)
	}
}

func openFile(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func badProgram(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(path, []byte("\x7fELF of sorts"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// cgroup2 is where a cgroup2 hierarchy is mounted.
func cgroup2(t *testing.T) string {
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var fs unix.Statfs_t
		if unix.Statfs(dir, &fs) == nil && fs.Type == unix.CGROUP2_SUPER_MAGIC {
			return dir
		}
	}
	t.Skip("no cgroup2 is mounted")
	return ""
}

// TestCgroup wants the process born in its cgroup, and that cgroup to be the
// root of its cgroup namespace.
func TestCgroup(t *testing.T) {
	needRoot(t)
	dir := filepath.Join(cgroup2(t), fmt.Sprintf("mini-namespaces-test-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	}()
	cgroup := openFile(t, dir)
	for _, types := range []string{"", "cgroup", "cgroup user pid", "time cgroup", "cgroup uts=/proc/self/ns/uts"} {
		c := Config{Namespaces: list(types), Cgroup: true}
		if strings.Contains(types, "user") {
			c.UIDMappings, c.GIDMappings = someIDs, someIDs
		}
		s := startIn(t, c, func(c *Child) { c.Cgroup = cgroup })
		want := "0::/" + filepath.Base(dir)
		if strings.Contains(types, "cgroup") {
			want = "0::/"
		}
		if words := strings.Fields(s.Cgroup); words[len(words)-1] != want {
			t.Errorf("%q: cgroup inside is %q, want %q", types, s.Cgroup, want)
		}
		if procs, err := os.ReadFile(dir + "/cgroup.procs"); err != nil || strings.TrimSpace(string(procs)) != fmt.Sprint(s.child.Pid) {
			t.Errorf("%q: cgroup.procs is %q, %v, want %d", types, procs, err, s.child.Pid)
		}
		if !strings.Contains(types, "cgroup") {
			child, stdin, stdout := newChild(t, "report")
			child.Cgroup = cgroup
			ops, err := Join(child, s.child.Pid, s.child.Pidfd)
			if err != nil {
				t.Fatal(err)
			}
			o := start(t, child, stdin, stdout, ops)
			if o.Cgroup != s.Cgroup {
				t.Errorf("joined cgroup is %q, want %q", o.Cgroup, s.Cgroup)
			}
			o.stop(t)
		}
		s.stop(t)
	}
}

// TestAbandoned wants the child to end if its parent dies between clone and
// release.
func TestAbandoned(t *testing.T) {
	needRoot(t)
	for _, types := range []string{"pid", "time"} {
		child, _, stdout := newChild(t, "report")
		steps, err := Plan(Config{Namespaces: list(types)}, root, child)
		if err != nil {
			t.Fatal(err)
		}
		if err := steps.Spawn[0].Do(); err != nil {
			t.Fatal(err)
		}
		child.closeSocket() // as the kernel does when we die
		child.Files[1].Close()
		if out, err := io.ReadAll(stdout); err != nil || len(out) != 0 {
			t.Errorf("the child said %q, %v", out, err)
		}
		if err := child.reap(); err != nil {
			t.Error(err)
		}
	}
}

// TestOwnedFiles wants what the kernel makes along with a namespace to belong to
// the root of the user namespace, not to nobody.
func TestOwnedFiles(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // let uid 100000 through
		t.Fatal(err)
	}
	for _, types := range []string{"user network ipc mount", "user network ipc mount pid time"} {
		child, stdin, stdout := newChild(t)
		child.Exe = openFile(t, "/bin/sh")
		child.Args = []string{"sh", "-c", "mount -t mqueue mqueue " + dir + " && stat -c %u /proc/self/net " + dir}
		if err := spawn(Config{Namespaces: list(types), UIDMappings: someIDs, GIDMappings: someIDs}, root, child); err != nil {
			t.Fatal(err)
		}
		stdin.Close()
		child.Files[1].Close()
		if out, err := io.ReadAll(stdout); err != nil || string(out) != "0\n0\n" {
			t.Errorf("%s: owners of /proc/net and mqueue are %q, %v, want 0 and 0", types, out, err)
		}
		if err := child.reap(); err != nil {
			t.Error(err)
		}
	}
}

// TestShell runs what the plan would have a person run.
func TestShell(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("uts network pid")})
	defer target.stop(t)
	own := ownNamespaces()
	for name, ns := range map[string][]specs.LinuxNamespace{
		"new":   list("uts mount ipc network pid cgroup time"),
		"join":  joinAll(target, "uts network pid"),
		"mixed": append(joinAll(target, "network"), list("uts mount")...),
	} {
		steps, err := Plan(Config{Namespaces: ns}, root, &Child{})
		if err != nil {
			t.Fatal(err)
		}
		script := "exec 8>/dev/null; " + steps.Spawn[0].Shell() + " readlink /proc/self/ns/uts /proc/self/ns/net"
		cmd := exec.Command("sh", "-c", script)
		cmd.Env = append(os.Environ(), "S="+released(t))
		out, err := cmd.CombinedOutput()
		words := strings.Fields(string(out))
		if err != nil || len(words) != 2 || words[0] == own["uts"] || words[1] == own["net"] {
			t.Errorf("%s: %s: %q, %v", name, script, out, err)
		}
	}
}

// released is a directory with the word that the waiting shell reads.
func released(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/go", []byte("go\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
