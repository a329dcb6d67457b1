package process

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// shown is a configuration that runs show in a new root.
func showing(edit func(*Config)) Config {
	c := small()
	c.Process.Args = []string{"show", "one", "two words"}
	if edit != nil {
		edit(&c)
	}
	return c
}

func TestIdentity(t *testing.T) {
	needRoot(t)
	root := newRoot(t, map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1001::/home/me:/bin/sh\n"})
	c := showing(func(c *Config) {
		f := full()
		f.Process.Args = c.Process.Args
		f.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 100, Hard: 200}, {Type: "RLIMIT_CORE"}}
		f.Process.Env = []string{"PATH=/bin"}
		*c = f
	})
	null := ownerOf(t, os.DevNull)
	v := seen(t, mile{Root: root, Config: c, Facts: probe(t)})
	if now := ownerOf(t, os.DevNull); now != null {
		t.Errorf("%s, which is stdin and no terminal of the container's, has been given to %d", os.DevNull, now)
	}
	if !slices.Equal(v.Args, c.Process.Args) {
		t.Errorf("arguments: got %q", v.Args)
	}
	if want := []string{"PATH=/bin", "HOME=/home/me"}; !slices.Equal(v.Env, want) {
		t.Errorf("environment: got %q, want %q", v.Env, want)
	}
	want := map[string]string{
		"Uid": "1000 1000 1000 1000", "Gid": "1001 1001 1001 1001", "Groups": "5 6",
		"Umask": "0027", "NoNewPrivs": "1", "Seccomp": "2", "Seccomp_filters": "1",
		"CapBnd": "0000000000000421", "CapPrm": "0000000000000400", "CapEff": "0000000000000400",
		"CapInh": "0000000000000400", "CapAmb": "0000000000000400",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = v.Status[name]
	}
	if !maps.Equal(got, want) {
		t.Errorf("status:\ngot  %v\nwant %v", got, want)
	}
	if v.Limits["NOFILE"] != [2]uint64{100, 200} || v.Limits["CORE"] != [2]uint64{} {
		t.Errorf("limits: got %v", v.Limits)
	}
	if v.Cwd != "/work" || v.Policy != unix.SCHED_BATCH || v.Nice != 5 || v.IOPrio != 2<<13|3 {
		t.Errorf("cwd %q policy %d nice %d ioprio %#x", v.Cwd, v.Policy, v.Nice, v.IOPrio)
	}
	if v.Personality != 8 || v.MemoryMode != unix.MPOL_INTERLEAVE|unix.MPOL_F_STATIC_NODES {
		t.Errorf("personality %#x, memory policy %#x", v.Personality, v.MemoryMode)
	}
	if v.Machine == "x86_64" || v.Machine == "aarch64" {
		t.Errorf("LINUX32 left the machine %s", v.Machine)
	}
	if !strings.HasSuffix(v.Keyring, ";_ses.test") || !strings.HasPrefix(v.Keyring, "keyring;0;0;3f1b0000;") {
		t.Errorf("keyring %q", v.Keyring)
	}
	if syscall.Signal(v.DeathSignal) != unix.SIGKILL {
		t.Errorf("death signal %d", v.DeathSignal)
	}
	if v.StdoutUID != 1000 {
		t.Errorf("the pipe on stdout belongs to %d", v.StdoutUID)
	}
}

// Nothing set means: root without a capability, mini's own limits, its groups
// and keyring left behind only as asked.
func TestDefaults(t *testing.T) {
	needRoot(t)
	f := probe(t)
	v := seen(t, mile{Root: newRoot(t, nil), Config: showing(nil), Facts: f})
	for name, want := range map[string]string{
		"Uid": "0 0 0 0", "Groups": "", "Umask": "0022", "NoNewPrivs": "0", "Seccomp": "0",
		"CapBnd": "0000000000000000", "CapPrm": "0000000000000000", "CapEff": "0000000000000000",
	} {
		if got := v.Status[name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := v.Limits["NOFILE"][0]; got != f.SoftFiles {
		t.Errorf("soft RLIMIT_NOFILE: got %d, want %d as the test was started with", got, f.SoftFiles)
	}
	if slices.Contains(v.Env, "LEAK=1") {
		t.Error("init's environment reached the program")
	}
}

// Without no_new_privs a filter needs CAP_SYS_ADMIN, which neither user 1000
// nor the program may have.
func TestFilterWithoutNoNewPrivs(t *testing.T) {
	needRoot(t)
	for _, uid := range []uint32{0, 1000} {
		c := showing(func(c *Config) {
			c.Filter = allowAll
			c.Process.User.UID = uid
		})
		v := seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t)})
		if v.Status["Seccomp"] != "2" || v.Status["NoNewPrivs"] != "0" || v.Status["CapPrm"] != "0000000000000000" {
			t.Errorf("uid %d: seccomp %s, no_new_privs %s, permitted %s", uid,
				v.Status["Seccomp"], v.Status["NoNewPrivs"], v.Status["CapPrm"])
		}
	}
}

// A filter that forbids what the last mile itself does must not stop it: all of
// it has been done before, but for capset and prctl where there is no other way.
func TestStrictFilter(t *testing.T) {
	needRoot(t)
	var program []unix.SockFilter
	program = append(program, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0})
	for _, nr := range []uint32{unix.SYS_SETRESUID, unix.SYS_SETGROUPS, unix.SYS_CHDIR, unix.SYS_OPENAT2, unix.SYS_FACCESSAT2, unix.SYS_SECCOMP} {
		program = append(program,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS})
	}
	program = append(program, allowAll.Program...)
	for _, nnp := range []bool{true, false} {
		c := showing(func(c *Config) {
			c.Filter = &Filter{Program: program, Flags: unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_LOG}
			c.Process.NoNewPrivileges = nnp
			c.Process.User.UID = 1000
		})
		if v := seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t)}); v.Status["Seccomp"] != "2" {
			t.Errorf("no_new_privs %v: seccomp mode %s", nnp, v.Status["Seccomp"])
		}
	}
}

// In a user namespace of its own init has every capability, but only there.
func TestUserNamespace(t *testing.T) {
	needRoot(t)
	maps := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 2000}}
	for _, deny := range []bool{false, true} {
		c := showing(func(c *Config) {
			c.UserNS, c.UIDMappings, c.GIDMappings, c.DenySetgroups = true, maps, maps, deny
			c.Process.User = specs.User{UID: 1000, GID: 1001}
			c.Process.Capabilities = &specs.LinuxCapabilities{
				Bounding: []string{"CAP_SYS_RESOURCE"}, Permitted: []string{"CAP_SYS_RESOURCE"},
				Inheritable: []string{"CAP_SYS_RESOURCE"}, Ambient: []string{"CAP_SYS_RESOURCE"},
			}
			c.Filter = allowAll
			c.Keyring = "_ses.userns"
			if !deny {
				c.Process.User.AdditionalGids = []uint32{7}
			}
		})
		v := seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t)})
		groups := map[bool]string{false: "7", true: v.Status["Groups"]}[deny]
		for name, want := range map[string]string{
			"Uid": "1000 1000 1000 1000", "Gid": "1001 1001 1001 1001", "Groups": groups, "Seccomp": "2",
			"CapBnd": "0000000001000000", "CapPrm": "0000000001000000", "CapEff": "0000000001000000",
		} {
			if got := v.Status[name]; got != want {
				t.Errorf("deny %v: %s: got %q, want %q", deny, name, got, want)
			}
		}
	}
}

// The soft limit as a program sees it that has nothing to do with Go.
func TestFilesLimitForeignProgram(t *testing.T) {
	needRoot(t)
	for _, tt := range []struct {
		name string
		list []specs.POSIXRlimit
		want string
	}{
		{"as mini was started", nil, "77\n"},
		{"as set", []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 55, Hard: 99}}, "55\n"},
	} {
		c := small()
		c.Process.Args = []string{"sh", "-c", "ulimit -Sn"}
		c.Process.Rlimits = tt.list
		f := probe(t)
		f.SoftFiles = 77
		if out, failed := walk(t, mile{Config: c, Facts: f}); failed != nil || string(out) != tt.want {
			t.Errorf("%s: got %q %v, want %q", tt.name, out, failed, tt.want)
		}
	}
}

// Probe must find the limit that the shell set, not the one Go made of it.
func TestProbeSoftFiles(t *testing.T) {
	if os.Getenv("PROBE_HELPER") != "" {
		f := probe(t)
		if f.SoftFiles != 123 {
			t.Errorf("got %d, want 123", f.SoftFiles)
		}
		if out, err := exec.Command("sh", "-c", "ulimit -Sn").Output(); err != nil || string(out) != "123\n" {
			t.Errorf("a child got %q, %v", out, err)
		}
		return
	}
	cmd := exec.Command("sh", "-c", `ulimit -Sn 123; exec "$0" -test.run '^TestProbeSoftFiles$'`, self(t))
	cmd.Env = append(os.Environ(), "PROBE_HELPER=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestProbe(t *testing.T) {
	f := probe(t)
	text, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(text)); got != itoa(f.LastCap) {
		t.Errorf("last capability: got %d, the kernel says %s", f.LastCap, got)
	}
}

func TestKeyringIsNew(t *testing.T) {
	needRoot(t)
	describe := func(name string) string {
		c := showing(func(c *Config) { c.Keyring = name })
		return seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t)}).Keyring
	}
	if kept := describe(""); strings.Contains(kept, "_ses.mini-test") {
		t.Errorf("kept keyring: %q", kept)
	}
	if joined := describe("_ses.mini-test"); !strings.HasSuffix(joined, ";_ses.mini-test") {
		t.Errorf("joined keyring: %q", joined)
	}
}

func TestWorkingDirectory(t *testing.T) {
	needRoot(t)
	for _, tt := range []struct {
		name, cwd, want string
		errno           unix.Errno
		text            string
	}{
		{name: "there", cwd: "/work", want: "/work"},
		{name: "made", cwd: "/new/deep/er", want: "/new/deep/er"},
		{name: "through a link", cwd: "/link/sub", want: "/work/sub"},
		{name: "a file", cwd: "/file", errno: unix.ENOTDIR},
		{name: "below a file", cwd: "/file/x", errno: unix.ENOTDIR},
		{name: "leaked descriptor", cwd: "/proc/self/fd/9", errno: unix.ELOOP, text: "magic link"},
		{name: "above a leaked descriptor", cwd: "/proc/self/fd/9/../..", errno: unix.ELOOP, text: "magic link"},
		{name: "link to a leaked descriptor", cwd: "/escape", errno: unix.ELOOP, text: "magic link"},
	} {
		eachWay(t, tt.name, func(t *testing.T, way walker) {
			root := newRoot(t, map[string]string{"file": "", "work/sub/": ""})
			symlink(t, "/work", root+"/link")
			symlink(t, "/proc/self/fd/9", root+"/escape")
			c := showing(func(c *Config) { c.Process.Cwd = tt.cwd; c.Process.Args[0] = "/bin/show" })
			m := mile{Root: root, Config: c, Facts: probe(t), Outside: "/usr/bin"}
			if tt.errno == 0 {
				if v := way.seen(t, m); v.Cwd != tt.want || len(v.Fds) > 0 {
					t.Errorf("got %q, want %q; descriptors %v", v.Cwd, tt.want, v.Fds)
				}
				return
			}
			_, f := way(t, m)
			if f == nil || f.Errno != int(tt.errno) || f.Field != "/process/cwd" || !strings.Contains(f.Text, tt.text) {
				t.Errorf("got %+v, want %v", f, tt.errno)
			}
		})
	}
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// Even if a path led outside by a way not known today, getcwd would tell.
func TestUnreachableWorkingDirectory(t *testing.T) {
	needRoot(t)
	out, err := exec.Command(self(t), "step-outside", newRoot(t, nil)).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "inside: <nil>\noutside: working directory is outside") {
		t.Errorf("%v\n%s", err, out)
	}
}

func insideRoot() error {
	l, w := calls.New(), &workdir{}
	w.inside(l)
	return Words{}.Explain(l.Flush(), nil)
}

// stepOutside changes the root, but not the working directory.
func stepOutside(root string) {
	fmt.Println("inside:", insideRoot())
	if err := unix.Chroot(root); err != nil {
		fmt.Println(err)
	}
	fmt.Println("outside:", insideRoot())
}

// A directory that only root may enter, and one that only the user may enter
// because root is not allowed to override permissions, as on NFS.
func TestWorkingDirectoryOfOne(t *testing.T) {
	needRoot(t)
	for _, tt := range []struct {
		name  string
		owner int
		weak  bool
	}{
		{"root's", 0, false},
		{"the user's", 1000, true},
	} {
		root := newRoot(t, map[string]string{"private/": ""})
		if err := os.Chown(root+"/private", tt.owner, tt.owner); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(root+"/private", 0o700); err != nil {
			t.Fatal(err)
		}
		c := showing(func(c *Config) { c.Process.Cwd = "/private"; c.Process.User.UID = 1000 })
		if v := seen(t, mile{Root: root, Config: c, Facts: probe(t), Weak: tt.weak}); v.Cwd != "/private" {
			t.Errorf("%s: got %q", tt.name, v.Cwd)
		}
	}
	c := showing(func(c *Config) { c.Process.Cwd = "/private"; c.Process.User.UID = 1001 })
	root := newRoot(t, map[string]string{"private/": ""})
	if err := os.Chown(root+"/private", 1000, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root+"/private", 0o700); err != nil {
		t.Fatal(err)
	}
	_, f := walk(t, mile{Root: root, Config: c, Facts: probe(t), Weak: true})
	if f == nil || f.Errno != int(unix.EACCES) || f.Field != "/process/cwd" {
		t.Errorf("nobody's: got %+v", f)
	}
}

// The parent's steps, on the pid of a child.
func TestParentSteps(t *testing.T) {
	needRoot(t)
	pid := startWaiting(t)
	c := small()
	c.UserNS = true
	c.Process.OOMScoreAdj = ptr(321)
	c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Nice: 7}
	c.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_RT, Priority: 4}
	c.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 8, Hard: 9}}
	cell := 0
	steps, err := Plan(c, probe(t), &cell)
	if err != nil {
		t.Fatal(err)
	}
	var before, after unix.Rlimit
	_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before)
	cell = pid
	for _, op := range append(steps.Spawn, steps.Ready...) {
		if err := op.Do(); err != nil {
			t.Errorf("%v: %v", op, err)
		}
	}
	_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &after)
	if before != after {
		t.Errorf("init was squeezed: limits %v became %v", before, after)
	}
	score, err := os.ReadFile("/proc/" + itoa(pid) + "/oom_score_adj")
	if err != nil || string(score) != "321\n" {
		t.Errorf("score %q, %v", score, err)
	}
	if attr, err := unix.SchedGetAttr(pid, 0); err != nil || attr.Nice != 7 {
		t.Errorf("scheduler %+v, %v", attr, err)
	}
	if prio, _, _ := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, uintptr(pid), 0); prio != 1<<13|4 {
		t.Errorf("io priority %#x", prio)
	}
}

// startWaiting starts a child that lives as long as the test, and is past what Go
// does to its limits.
func startWaiting(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(self(t), "wait")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	if _, err := io.ReadFull(stdout, make([]byte, len("up\n"))); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestVMRaiseHardLimit needs CAP_SYS_RESOURCE in the first user namespace.
func TestVMRaiseHardLimit(t *testing.T) {
	if os.Getenv("MINI_VM") != "1" {
		t.Skip("needs MINI_VM=1: a machine with CAP_SYS_RESOURCE, such as the VM")
	}
	pid := startWaiting(t)
	var now unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &now); err != nil {
		t.Fatal(err)
	}
	c := small()
	c.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 1, Hard: now.Max + 5}}
	steps, err := Plan(c, probe(t), &pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range steps.Ready {
		if err := op.Do(); err != nil {
			t.Fatal(err)
		}
	}
	var after unix.Rlimit
	err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &after)
	if err != nil || after.Max != now.Max+5 || after.Cur != now.Cur {
		t.Errorf("got %v, %v; before %v", after, err, now)
	}
}

func ownerOf(t *testing.T, path string) uint32 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Uid
}
