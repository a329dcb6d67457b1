package namespaces

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
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
	if got, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.child.Pid)); err != nil || !strings.Contains(string(got), fmt.Sprintf(" S %d ", os.Getpid())) && !strings.Contains(string(got), fmt.Sprintf(" R %d ", os.Getpid())) {
		t.Errorf("not our child: %s %v", got, err)
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

// nsPath is where a running helper's namespace can be joined.
func nsPath(s *started, file string) string {
	return fmt.Sprintf("/proc/%d/ns/%s", s.child.Pid, file)
}

// joinAll is a config that joins the namespaces of s by path.
func joinAll(s *started, types string) []specs.LinuxNamespace {
	var ns []specs.LinuxNamespace
	for _, n := range list(types) {
		k, _ := kindOf(n.Type)
		ns = append(ns, specs.LinuxNamespace{Type: n.Type, Path: nsPath(s, k.file)})
	}
	return ns
}

// wantSame checks that both are in the same namespaces of the given files.
func wantSame(t *testing.T, s, o *started, files string) {
	t.Helper()
	for _, f := range strings.Fields(files) {
		if s.Namespaces[f] != o.Namespaces[f] {
			t.Errorf("%s namespace is %s, want %s", f, s.Namespaces[f], o.Namespaces[f])
		}
	}
}

func TestJoinByPath(t *testing.T) {
	needRoot(t)
	for _, types := range append(strings.Fields(allNames), "pid network mount ipc uts cgroup", allNames, "time user cgroup uts ipc mount network pid") {
		t.Run(types, func(t *testing.T) {
			c := Config{Namespaces: list(types)}
			if strings.Contains(types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			target := startIn(t, c)
			defer target.stop(t)
			s := startIn(t, Config{Namespaces: joinAll(target, types)})
			defer s.stop(t)
			var files []string
			for _, n := range list(types) {
				k, _ := kindOf(n.Type)
				files = append(files, k.file)
			}
			wantNew(t, s, strings.Join(files, " "))
			wantSame(t, s, target, strings.Join(files, " "))
			if strings.Contains(types, "user") && (s.UID != 0 || s.CapEff != target.CapEff) {
				t.Errorf("uid %d, capabilities %s, want 0 and %s", s.UID, s.CapEff, target.CapEff)
			}
		})
	}
}

// owner is the user namespace that owns a namespace, as "user:[n]".
func owner(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.IoctlRetInt(int(f.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		t.Fatalf("owner of %s: %v", path, err)
	}
	defer unix.Close(fd)
	link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	return link
}

// TestOwners wants all new namespaces but user to belong to the user namespace
// the process is in, new or joined.
func TestOwners(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("user network"), UIDMappings: someIDs, GIDMappings: someIDs})
	defer target.stop(t)
	host := startIn(t, Config{Namespaces: list("network")})
	defer host.stop(t)
	for name, c := range map[string]Config{
		"new":              {Namespaces: list(allNames), UIDMappings: someIDs, GIDMappings: someIDs},
		"fast":             {Namespaces: list("user pid mount network ipc uts cgroup"), UIDMappings: someIDs, GIDMappings: someIDs},
		"host's net":       {Namespaces: append(joinAll(host, "network"), list("user pid mount ipc uts cgroup time")...), UIDMappings: someIDs, GIDMappings: someIDs},
		"joined user":      {Namespaces: append(joinAll(target, "user"), list("pid mount network ipc uts cgroup time")...)},
		"joined and host":  {Namespaces: append(append(joinAll(target, "user"), joinAll(host, "network")...), list("pid mount ipc uts cgroup time")...)},
		"joined user, net": {Namespaces: append(joinAll(target, "network user"), list("pid mount ipc uts cgroup time")...)},
	} {
		t.Run(name, func(t *testing.T) {
			s := startIn(t, c)
			defer s.stop(t)
			made := "pid mnt net ipc uts cgroup time"
			if name == "fast" {
				made = "pid mnt net ipc uts cgroup"
			}
			wantNew(t, s, "user "+made)
			for _, f := range strings.Fields(made) {
				want := s.Namespaces["user"]
				if f == "net" && strings.Contains(name, "host") {
					want = ownNamespaces()["user"]
					wantSame(t, s, host, "net")
				}
				if got := owner(t, nsPath(s, f)); got != want {
					t.Errorf("%s is owned by %s, want %s", f, got, want)
				}
			}
			if s.Pid != 1 {
				t.Errorf("pid inside is %d, want 1", s.Pid)
			}
		})
	}
}

func TestJoinProcess(t *testing.T) {
	needRoot(t)
	for _, types := range []string{"", "mount", "user", "pid mount uts", allNames} {
		t.Run(types, func(t *testing.T) {
			c := Config{Namespaces: list(types)}
			if strings.Contains(types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			target := startIn(t, c)
			defer target.stop(t)
			child, stdin, stdout := newChild(t, "report")
			ops, err := Join(child, target.child.Pid, target.child.Pidfd)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, child, stdin, stdout, ops)
			defer s.stop(t)
			wantSame(t, s, target, "user pid mnt net ipc uts cgroup time")
			checkCell(t, s)
			if s.CapEff != target.CapEff || s.UID != 0 {
				t.Errorf("uid %d, capabilities %s, want 0 and %s", s.UID, s.CapEff, target.CapEff)
			}
		})
	}
}

func TestJoinGone(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{})
	pid, pidfd := target.child.Pid, target.child.Pidfd
	dup, err := unix.Dup(int(pidfd.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	gone := os.NewFile(uintptr(dup), "pidfd")
	defer gone.Close()
	target.stop(t)
	child, _, _ := newChild(t, "report")
	if _, err := Join(child, pid, gone); !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ESRCH) {
		t.Errorf("got error %v, want ENOENT or ESRCH", err)
	}
	if _, err := Join(child, os.Getpid(), gone); !errors.Is(err, unix.ESRCH) {
		t.Errorf("got error %v, want ESRCH", err)
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
		{"hostname of our own", Config{Namespaces: list("uts=/proc/self/ns/uts"), Hostname: "x"}, nil, "is the namespace mini itself is in, and /hostname would change it", nil},
		{"sysctl of our own", Config{Namespaces: list("network=/proc/self/ns/net"), Sysctl: map[string]string{"net.core.somaxconn": "7"}}, nil, "/linux/sysctl/net.core.somaxconn would change it", nil},
		{"no cgroup", Config{Cgroup: true}, nil, "no cgroup to be born in", nil},
		{"cgroup is none", Config{}, func(c *Child) { c.Cgroup = c.Exe }, "clone3: ", unix.EBADF},
		{"no program", Config{}, func(c *Child) { c.Exe = nil }, "no program", nil},
		{"a directory", Config{}, func(c *Child) { c.Exe = openFile(t, "/") }, "execveat: ", unix.EACCES},
		{"a bad program", Config{Namespaces: list("time")}, func(c *Child) { c.Exe = openFile(t, badProgram(t)) }, "execveat: ", unix.ENOEXEC},
		{"zero byte", Config{}, func(c *Child) { c.Args = append(c.Args, "\x00") }, "args: ", unix.EINVAL},
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

// TestFiles gives descriptors in every awkward order and wants just those.
func TestFiles(t *testing.T) {
	for _, types := range []string{"", "time"} {
		if types != "" {
			needRoot(t)
		}
		leak, err := unix.Open("/dev/zero", unix.O_RDONLY, 0) // open for all children
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(leak)
		s := startIn(t, Config{Namespaces: list(types)}, func(c *Child) {
			// 3: our own 1, 4: closed, 5: our own 0, 6: the program itself.
			c.Files = append(c.Files, os.Stdout, nil, os.Stdin, c.Exe)
			c.Env = append(c.Env, "GODEBUG=containermaxprocs=0") // or Go opens cgroup files
		})
		var numbers []string
		for _, f := range s.Files {
			n, target, _ := strings.Cut(f, ":")
			if !strings.HasPrefix(target, "anon_inode:") { // the Go poller of the helper
				numbers = append(numbers, n)
			}
		}
		if got := strings.Join(numbers, " "); got != "0 1 2 3 5 6" {
			t.Errorf("descriptors are %q, want 0 1 2 3 5 6: %q", got, s.Files)
		}
		exe, _ := os.Readlink("/proc/self/exe")
		if !slices.Contains(s.Files, "6:"+exe) {
			t.Errorf("descriptor 6 is not the program: %q", s.Files)
		}
		if s.Blocked != "0000000000000000" {
			t.Errorf("blocked signals: %s", s.Blocked)
		}
		s.stop(t)
	}
}

// TestPrograms executes descriptors of several makings.
func TestPrograms(t *testing.T) {
	needRoot(t)
	for name, open := range map[string]func(*testing.T) *os.File{
		"O_RDONLY": func(t *testing.T) *os.File { return openFile(t, "/proc/self/exe") },
		"O_PATH":   func(t *testing.T) *os.File { return openAt(t, unix.AT_FDCWD, "/proc/self/exe") },
		"overlay":  overlayView,
	} {
		t.Run(name, func(t *testing.T) {
			exe := open(t)
			s := startIn(t, Config{Namespaces: list("mount pid user"), UIDMappings: someIDs, GIDMappings: someIDs}, func(c *Child) { c.Exe = exe })
			s.stop(t)
		})
	}
}

func openAt(t *testing.T, dir int, path string) *os.File {
	t.Helper()
	fd, err := unix.Openat(dir, path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), path)
	t.Cleanup(func() { f.Close() })
	return f
}

// overlayView is the test binary in a read-only overlay that is mounted nowhere.
func overlayView(t *testing.T) *os.File {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fs)
	empty := t.TempDir()
	if err := unix.FsconfigSetString(fs, "lowerdir", filepath.Dir(exe)+":"+empty); err != nil {
		t.Fatal(err)
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		t.Fatal(err)
	}
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(mnt)
	return openAt(t, mnt, filepath.Base(exe))
}

// TestNofile sees the limit with the program sh, as Go would raise it again.
func TestNofile(t *testing.T) {
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		lim  *unix.Rlimit
		want uint64
	}{
		{"given", &unix.Rlimit{Cur: 77, Max: own.Max}, 77},
		{"raised by Go", nil, min(1024, own.Max)},
	} {
		if tt.lim == nil && own.Cur != own.Max-1 {
			continue // not raised here
		}
		if got := shell(t, "ulimit -Sn", func(c *Child) { c.Nofile = tt.lim }); got != fmt.Sprint(tt.want) {
			t.Errorf("%s: soft limit %s, want %d", tt.name, got, tt.want)
		}
	}
}

// shell runs a script in a child without namespaces and returns what it says.
func shell(t *testing.T, script string, edit func(*Child)) string {
	t.Helper()
	child, stdin, stdout := newChild(t)
	child.Exe, child.Args = openFile(t, "/bin/sh"), []string{"sh", "-c", script}
	edit(child)
	steps, err := Plan(Config{}, root, child)
	if err != nil {
		t.Fatal(err)
	}
	if err := run(steps.Spawn); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	child.Files[1].Close()
	out, err := io.ReadAll(stdout)
	if err != nil {
		t.Fatal(err)
	}
	child.Abort()
	return strings.TrimSpace(string(out))
}

// TestDispositions wants no signal ignored or caught that was not ignored
// before us: Go catches nearly all.
func TestDispositions(t *testing.T) {
	got := shell(t, "grep -E 'Sig(Blk|Ign)' /proc/self/status", func(*Child) {})
	if want := "SigBlk:\t0000000000000000\nSigIgn:\t" + status("SigIgn"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
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

// helpPdeathsig starts a shell that dies with us, says its pid, and dies.
func helpPdeathsig() error {
	exe, err := os.Open("/bin/sh")
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	child := &Child{Exe: exe, Args: []string{"sh", "-c", "echo $$; read x"}, Files: []*os.File{os.Stdin, os.Stdout}, Pdeathsig: unix.SIGKILL}
	steps, err := Plan(Config{}, root, child)
	if err != nil {
		return err
	}
	if err := run(steps.Spawn); err != nil {
		return err
	}
	_, err = io.ReadFull(os.NewFile(3, "end"), make([]byte, 1))
	return err
}

func TestPdeathsig(t *testing.T) {
	// Be the one who inherits the orphan, so that its end can be waited for.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	child, _, stdout := newChild(t, "pdeathsig")
	end, endW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	defer endW.Close()
	child.Files = append(child.Files, end)
	steps, err := Plan(Config{}, root, child)
	if err != nil {
		t.Fatal(err)
	}
	if err := run(steps.Spawn); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(stdout, &pid); err != nil {
		t.Fatal(err)
	}
	endW.Write([]byte{1})
	if err := child.reap(); err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil || status.Signal() != unix.SIGKILL {
		t.Errorf("the grandchild ended by %v, %v, want SIGKILL", status.Signal(), err)
	}
}

// TestParentDies kills a parent between clone and release: its child must end.
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
		unix.Close(child.link) // as the kernel does when we die
		child.waiting = false
		child.Files[1].Close()
		if out, err := io.ReadAll(stdout); err != nil || len(out) != 0 {
			t.Errorf("the child said %q, %v", out, err)
		}
		if err := child.reap(); err != nil {
			t.Error(err)
		}
	}
}

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
	steps, err := Plan(c, f, child)
	if err != nil {
		return err
	}
	if err := run(steps.Spawn); err != nil {
		return err
	}
	return child.wait()
}

// wait waits for a child that ends by itself.
func (c *Child) wait() error { return c.reap() }

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
		if text := strings.TrimSpace(readFile(t, f)); text != "" {
			return text
		}
	}
	t.Fatalf("process %d has no child", pid)
	return ""
}

// nobodyCmd starts the nested helper as uid 65534.
func nobodyCmd(t *testing.T, text string) (*exec.Cmd, io.Reader, io.Closer) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "nested", text)
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
