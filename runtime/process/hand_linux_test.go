package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// hand is one in namespaces of its own, in a root. Of what it writes stdout is a
// pipe.
type hand struct {
	calls.Hand
	cmd    *exec.Cmd
	stdout bytes.Buffer
	answer *os.File // what it says when it is left alone
}

// startHand starts one as root of root; userNS are the ids of its user namespace.
func startHand(t *testing.T, root string, userNS []specs.LinuxIDMapping) *hand {
	t.Helper()
	program, err := calls.Program()
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	answer, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	h := &hand{Hand: calls.Hand{Socket: os.NewFile(uintptr(fds[0]), "ours"), There: 3}, answer: answer}
	h.cmd = exec.Command("/proc/self/fd/" + itoa(int(program.Fd())))
	h.cmd.Args = calls.Args(3)
	h.cmd.ExtraFiles = []*os.File{theirs, told}
	h.cmd.Stdout, h.cmd.Stderr = &h.stdout, os.Stderr
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	if userNS != nil {
		h.cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		h.cmd.SysProcAttr.UidMappings, h.cmd.SysProcAttr.GidMappings = idMap(userNS), idMap(userNS)
		h.cmd.SysProcAttr.GidMappingsEnableSetgroups = true
		h.cmd.SysProcAttr.Credential = &syscall.Credential{NoSetGroups: true}
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Socket.Close()
		answer.Close()
		_ = h.cmd.Wait()
	})
	h.enter(t, root)
	return h
}

// enter is what the stages before do.
func (h *hand) enter(t *testing.T, root string) {
	t.Helper()
	l := h.List()
	for fd := range 2 {
		l.Call("fcntl F_SETFD", unix.SYS_FCNTL, calls.N(3+fd), calls.N(unix.F_SETFD), calls.N(unix.FD_CLOEXEC))
	}
	mount := func(source, target, fstype string, flags int) {
		l.Call("mount "+target, unix.SYS_MOUNT, l.Text(source), l.Text(target), l.Text(fstype), calls.N(flags), calls.Arg{})
	}
	mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE)
	for _, dir := range libraries() {
		mount("/"+dir, root+"/"+dir, "", unix.MS_BIND)
	}
	mount("proc", root+"/proc", "proc", 0)
	if err := os.MkdirAll(root+"/noexec", 0o755); err != nil {
		t.Fatal(err)
	}
	mount("tmpfs", root+"/noexec", "tmpfs", unix.MS_NOEXEC)
	l.Chroot(root)
	l.Chdir("/")
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
}

// do has the hand do the plan, and gives what it writes, or how it failed: with
// its root to look at, as it was left.
func (h *hand) do(t *testing.T, c Config, f Facts) ([]byte, error) {
	t.Helper()
	steps, err := Plan(c, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := h.List()
	if err := write(l, homeOnly(steps.Look)); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	l.Answer(calls.N(4))
	if err := write(l, steps.Last); err != nil {
		t.Fatal(err)
	}
	root, err := HoldRoot(h.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	step, names := l.Left()
	if err := h.Leave(l, 42, nil); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(h.answer)
	if err != nil {
		t.Fatal(err)
	}
	_ = h.cmd.Wait()
	if len(text) == 0 {
		return h.stdout.Bytes(), nil
	}
	a, ok := calls.ReadAnswer(text)
	if got := h.cmd.ProcessState.ExitCode(); !ok || got != 42 {
		t.Fatalf("answer %v, exit status %d", ok, got)
	}
	failed := &calls.Failure{Step: step[a.Call], Call: names[a.Call], Err: a.Errno}
	return nil, Explain(steps.Last[failed.Step], failed, root)
}

func write(l *calls.List, ops []Op) error {
	for i, op := range ops {
		o, ok := op.(interface{ Calls(*calls.List) })
		if !ok {
			return errors.New("no calls: " + op.String())
		}
		l.Step(i)
		o.Calls(l)
	}
	return nil
}

// TestLastIsStraight: there is nobody to be asked when the program is started. The
// exceptions are known.
func TestLastIsStraight(t *testing.T) {
	all := full()
	all.Process.ApparmorProfile, all.Process.SelinuxLabel = "mini-default", "system_u:system_r:container_t:s0"
	home := small()
	home.Process.Env = nil
	joins := full()
	joins.Joins, joins.Process.NoNewPrivileges = true, false
	joins.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "1", Final: "0,1"}
	f := labelFacts()
	for name, c := range map[string]Config{"small": small(), "all": all, "joins": joins, "home": home} {
		steps, err := Plan(c, f, new(int))
		if err != nil {
			t.Fatal(err)
		}
		l := calls.New()
		if err := write(l, homeOnly(steps.Look)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := l.Flush(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := write(l, steps.Last); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := l.Straight(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, names := l.Left(); !strings.HasPrefix(names[len(names)-1], execWord) {
			t.Errorf("%s: ends in %q", name, names[len(names)-1])
		}
	}
}

// seenByHand is seen, by a hand.
func seenByHand(t *testing.T, root string, c Config, userNS []specs.LinuxIDMapping) view {
	t.Helper()
	out, err := startHand(t, root, userNS).do(t, c, probe(t))
	if err != nil {
		t.Fatal(err)
	}
	var v view
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return v
}

// TestHandAndInitAgree: the program finds the same, whoever has done the last mile.
func TestHandAndInitAgree(t *testing.T) {
	needRoot(t)
	passwd := map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1001::/home/me:/bin/sh\n" +
		strings.Repeat("#\n", passwdSize) + "last:x:1001:1001::/home/last:/bin/sh\n"}
	all := full()
	all.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 100, Hard: 200}, {Type: "RLIMIT_CORE"}}
	last := showing(func(c *Config) { c.Process.User.UID = 1001 })
	early := full()
	early.Process.NoNewPrivileges = false
	for name, c := range map[string]Config{"small": small(), "all": all, "early": early, "last": last} {
		c.Process.Args = []string{"show", "one", "two words"}
		c.Process.Env = []string{"PATH=/none:/bin:/work"}
		f := probe(t)
		want := seen(t, mile{Root: newRoot(t, passwd), Config: c, Facts: f})
		got := seenByHand(t, newRoot(t, passwd), c, nil)
		for _, name := range []string{"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches", "Pid", "Tgid", "NSpid", "PPid"} {
			delete(want.Status, name)
			delete(got.Status, name)
		}
		for key := range want.Status {
			if strings.HasPrefix(key, "Vm") || strings.HasPrefix(key, "Rss") || key == "Threads" || key == "State" || strings.HasPrefix(key, "Sig") {
				delete(want.Status, key)
				delete(got.Status, key)
			}
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if keyring := got.Keyring; c.Keyring != "" && !strings.HasSuffix(keyring, c.Keyring) {
			t.Errorf("%s: keyring %q", name, keyring)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s:\nhand %s\ninit %s", name, a, b)
		}
	}
}

// TestHandInUserNamespace begins as root with all capabilities, but only there.
func TestHandInUserNamespace(t *testing.T) {
	needRoot(t)
	maps := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 2000}}
	root := newRoot(t, map[string]string{"bin/plain": "text"})
	if err := os.Chown(filepath.Join(root, "bin/plain"), 100005, 100006); err != nil {
		t.Fatal(err)
	}
	c := showing(func(c *Config) {
		c.UserNS, c.UIDMappings, c.GIDMappings = true, maps, maps
		c.Process.User = specs.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{7}}
		c.Process.Capabilities = &specs.LinuxCapabilities{
			Bounding: []string{"CAP_SYS_RESOURCE"}, Permitted: []string{"CAP_SYS_RESOURCE"},
			Inheritable: []string{"CAP_SYS_RESOURCE"}, Ambient: []string{"CAP_SYS_RESOURCE"},
		}
		c.Filter = allowAll
	})
	v := seenByHand(t, root, c, maps)
	for name, want := range map[string]string{
		"Uid": "1000 1000 1000 1000", "Gid": "1001 1001 1001 1001", "Groups": "7", "Seccomp": "2",
		"CapBnd": "0000000001000000", "CapPrm": "0000000001000000", "CapEff": "0000000001000000",
	} {
		if got := v.Status[name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	c.Process.Args = []string{"/bin/plain"}
	_, err := startHand(t, root, maps).do(t, c, probe(t))
	if err == nil || !strings.Contains(err.Error(), "owner 5:6; the user is 1000:1001") {
		t.Errorf("got %v", err)
	}
}

// TestHandStrictFilter: when the filter is in force there are no calls but execve
// and, without no_new_privs, those that set the capabilities.
func TestHandStrictFilter(t *testing.T) {
	needRoot(t)
	for _, nnp := range []bool{true, false} {
		allowed := []uint32{unix.SYS_EXECVE}
		if !nnp {
			allowed = append(allowed, unix.SYS_CAPSET, unix.SYS_PRCTL)
		}
		c := small()
		c.Process.Args = []string{"bad"} // what runs would need calls of its own
		c.Process.Env = []string{"PATH=/none:/work:/bin"}
		c.Process.NoNewPrivileges, c.Process.User.UID = nnp, 1000
		c.Filter = &Filter{Program: killAllBut(append(allowed, unix.SYS_WRITE, unix.SYS_EXIT_GROUP))}
		_, err := startHand(t, newRoot(t, map[string]string{"!bin/bad": "no format"}), nil).do(t, c, probe(t))
		if !errors.Is(err, unix.ENOEXEC) {
			t.Errorf("no_new_privs %v: got %v", nnp, err)
		}
	}
}

func killAllBut(allowed []uint32) []unix.SockFilter {
	program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}}
	for _, nr := range slices.Compact(allowed) {
		program = append(program,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	}
	return append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS})
}
