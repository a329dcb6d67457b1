package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// agent is a program on the host that decides on system calls of containers.
type agent struct {
	t    *testing.T
	l    *net.UnixListener
	path string
}

func newAgent(t *testing.T) agent {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return agent{t, l, path}
}

// profile puts the making of directories before the agent.
func (a agent) profile(s *specs.Spec) {
	s.Annotations = map[string]string{"org.example.key": "value"}
	s.Linux.Seccomp.ListenerPath, s.Linux.Seccomp.ListenerMetadata = a.path, "metadata"
	s.Linux.Seccomp.Syscalls = append(s.Linux.Seccomp.Syscalls, specs.LinuxSyscall{Names: []string{"mkdir", "mkdirat"}, Action: specs.ActNotify})
	for i := range s.Linux.Seccomp.Syscalls[:len(s.Linux.Seccomp.Syscalls)-1] {
		names := &s.Linux.Seccomp.Syscalls[i].Names
		*names = slices.DeleteFunc(slices.Clone(*names), func(name string) bool { return name == "mkdir" || name == "mkdirat" })
	}
}

// serve takes one connection, and refuses each directory in the agent's own way
// until nobody is left who could ask.
func (a agent) serve() (specs.ContainerProcessState, error) {
	var state specs.ContainerProcessState
	_ = a.l.SetDeadline(time.Now().Add(patience()))
	conn, err := a.l.AcceptUnix()
	if err != nil {
		return state, err
	}
	defer conn.Close()
	text, rights := make([]byte, 64<<10), make([]byte, 256)
	n, oobn, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		return state, err
	}
	list, err := unix.ParseSocketControlMessage(rights[:oobn])
	if err != nil || len(list) != 1 {
		return state, errors.Join(err, errors.New("no descriptor came"))
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil {
		return state, err
	}
	defer unix.Close(fds[0])
	return state, errors.Join(json.Unmarshal(text[:n], &state), refuse(fds[0]))
}

// refuse answers ENOMEDIUM, which no mkdir would by itself.
func refuse(listener int) error {
	for {
		poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err == unix.EINTR {
			continue
		} else if err != nil || poll[0].Revents&unix.POLLHUP != 0 {
			return err
		}
		var asked [80]byte // struct seccomp_notif
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&asked))); errno != 0 {
			continue // killed meanwhile
		}
		answer := struct {
			id    [8]byte
			value int64
			errno int32
			flags uint32
		}{id: [8]byte(asked[:8]), errno: -int32(unix.ENOMEDIUM)}
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&answer)))
	}
}

// TestSeccompAgent: for the first process and for one that joins.
func TestSeccompAgent(t *testing.T) {
	u, a := newUser(t), newAgent(t)
	type served struct {
		state specs.ContainerProcessState
		err   error
	}
	states := make(chan served, 2)
	serve := func() {
		s, err := a.serve()
		states <- served{s, err}
	}
	go serve()
	b := u.start("run", "--name", "asking", u.bundle(a.profile, sh("mkdir /tmp/x; "+untilTerm)))
	var state specs.State
	if err := json.Unmarshal([]byte(u.mini("state", "asking").stdout), &state); err != nil {
		t.Fatal(err)
	}
	if state.Annotations["org.example.key"] != "value" {
		t.Errorf("state has the annotations %v", state.Annotations)
	}
	go serve()
	r := u.mini("exec", "asking", "mkdir", "/tmp/y")
	r.wants(t, 1, "")
	r.says(t, "No medium found")
	joined := <-states
	if s := joined.state; joined.err != nil || s.Pid == state.Pid || s.Pid == 0 || s.State.Pid != state.Pid || s.State.Status != specs.StateRunning {
		t.Errorf("of the process that joined: %+v, %v", s, joined.err)
	}
	b.signal(syscall.SIGTERM).says(t, "No medium found")
	first := <-states
	want := specs.ContainerProcessState{
		Version: state.Version, Fds: []string{"seccompFd"}, Pid: state.Pid, Metadata: "metadata",
		State: specs.State{Version: state.Version, ID: "asking", Status: specs.StateCreating, Pid: state.Pid, Bundle: state.Bundle, Annotations: state.Annotations},
	}
	if got := fmt.Sprintf("%+v", first.state); first.err != nil || got != fmt.Sprintf("%+v", want) {
		t.Errorf("of the first process:\ngot  %s, %v\nwant %+v", got, first.err, want)
	}
}

func TestNoSeccompAgent(t *testing.T) {
	u, a := newUser(t), newAgent(t)
	a.l.Close()
	r := u.mini("run", u.bundle(a.profile), "--", "true")
	r.wants(t, 125, "")
	r.says(t, "connect to .*agent.sock", "ENOENT", "/linux/seccomp/listenerPath")
}

// TestNetworkDevice: a device of the host's, which is a namespace of the test's
// own, with its address and a new name.
func TestNetworkDevice(t *testing.T) {
	u := newUser(t)
	cmd := u.command("run", u.bundle(func(s *specs.Spec) {
		s.Linux.NetDevices = map[string]specs.LinuxNetDevice{"mini0": {Name: "eth0"}}
	}, sh("ip -o addr show eth0 | grep -o 'inet [^ ]*'; ip -o link show eth0 | grep -o ',UP'")))
	script := `ip link add mini0 type veth peer name mini1 && ip addr add 192.0.2.9/24 dev mini0 && ip link set mini1 up && exec "$@"`
	cmd.Args = append([]string{"unshare", "--net", "sh", "-c", script, "sh"}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	var err error
	if cmd.Path, err = exec.LookPath("unshare"); err != nil {
		t.Fatal(err)
	}
	finish(t, cmd).wants(t, 0, "inet 192.0.2.9/24\n,UP\n")
}

func TestNetworkDeviceMissing(t *testing.T) {
	u := newUser(t)
	r := u.mini("run", u.bundle(func(s *specs.Spec) { s.Linux.NetDevices = map[string]specs.LinuxNetDevice{"none0": {}} }), "--", "true")
	r.wants(t, 125, "")
	r.says(t, "move network device none0", "ENODEV", "/linux/netDevices/none0")
}

// TestOwnCgroup: the container may divide its cgroup if it may write there, as
// the user that its program is, and may not change its own limits.
func TestOwnCgroup(t *testing.T) {
	u := newUser(t)
	script := sh(`cd /sys/fs/cgroup; mkdir inner 2>/dev/null && echo $$ >inner/cgroup.procs && echo divided; (echo 3 >cgroup.max.depth) 2>/dev/null || echo limited`)
	writable := func(s *specs.Spec) {
		s.Process.User = specs.User{UID: 1000, GID: 1000}
		for i := range s.Mounts {
			if s.Mounts[i].Source == "cgroup" {
				s.Mounts[i].Options = []string{"nosuid", "noexec", "nodev"}
			}
		}
	}
	u.mini("run", u.bundle(writable, script)).wants(t, 0, "divided\nlimited\n")
	u.mini("run", u.bundle(script)).wants(t, 0, "limited\n")
}

// TestExecProcessors: execCPUAffinity is for processes that join.
func TestExecProcessors(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "bound", u.bundle(sh(untilTerm), func(s *specs.Spec) {
		s.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "0", Final: "0"}
	}))
	show := []string{"grep", "Cpus_allowed_list", "/proc/self/status"}
	process := specs.Process{Args: show, Cwd: "/", Env: []string{"PATH=/bin"}, ExecCPUAffinity: &specs.CPUAffinity{Initial: "0", Final: "0"}}
	text, err := json.Marshal(process)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "process.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	u.mini("exec", "--process", file, "bound").wants(t, 0, "Cpus_allowed_list:\t0\n")
	u.mini(append([]string{"exec", "bound"}, show...)...).wants(t, 0, "Cpus_allowed_list:\t0\n")
	b.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestTmpcopyup: what the image has is there, and can be changed.
func TestTmpcopyup(t *testing.T) {
	u := newUser(t)
	u.mini("run", "--read-only", u.bundle(func(s *specs.Spec) {
		s.Mounts = append(s.Mounts, specs.Mount{Destination: "/etc", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "tmpcopyup"}})
	}, sh("grep -c guest /etc/passwd; stat -c '%a %u' /etc /etc/plain; echo new >/etc/new && cat /etc/new"))).
		wants(t, 0, "1\n755 0\n644 0\nnew\n")
}

// TestLabelsRefused: where the kernel has no such module.
func TestLabelsRefused(t *testing.T) {
	u := newUser(t)
	for _, test := range []struct {
		file, field string
		change      func(*specs.Spec)
	}{
		{"/sys/module/apparmor", "/process/apparmorProfile", func(s *specs.Spec) { s.Process.ApparmorProfile = "none" }},
		{"/sys/fs/selinux", "/process/selinuxLabel", func(s *specs.Spec) { s.Process.SelinuxLabel = "u:r:t:s0" }},
		{"/sys/fs/selinux", "/linux/mountLabel", func(s *specs.Spec) { s.Linux.MountLabel = "u:r:t:s0" }},
	} {
		if _, err := os.Stat(test.file); err == nil {
			continue // TestVMAppArmor
		}
		r := u.mini("run", u.bundle(test.change), "--", "true")
		r.wants(t, 125, "")
		r.says(t, "not enabled", test.field)
	}
}

// TestVMAppArmor: the profile holds for the program and for what joins, in a
// user namespace and without, and one that is not loaded is an error.
func TestVMAppArmor(t *testing.T) {
	if enabled, err := os.ReadFile("/sys/module/apparmor/parameters/enabled"); err != nil || enabled[0] != 'Y' {
		if inVM {
			t.Fatalf("the VM has no AppArmor: %q, %v", enabled, err)
		}
		t.Skip("needs AppArmor: go run ./hack/test vm")
	}
	profile := filepath.Join(t.TempDir(), "profile")
	text := "profile mini-test flags=(attach_disconnected,mediate_deleted) {\n file,\n capability,\n network,\n signal,\n deny /data/** w,\n}\n"
	if err := os.WriteFile(profile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("apparmor_parser", "-K", "-r", profile); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run("apparmor_parser", "-R", profile) })
	confined := func(s *specs.Spec) { s.Process.ApparmorProfile = "mini-test" }
	show := "echo x 2>/dev/null >/data/x || echo denied; echo x >/tmp/x && read label </proc/self/attr/current; echo $label"
	for _, change := range []func(*specs.Spec){func(*specs.Spec) {}, withoutUserNS} {
		for _, privs := range []bool{true, false} {
			u := newUser(t)
			none := func(s *specs.Spec) { s.Process.NoNewPrivileges = privs }
			u.mini("run", u.bundle(confined, change, none, sh(show))).wants(t, 0, "denied\nmini-test (enforce)\n")
		}
	}
	u := newUser(t)
	b := u.start("run", "--name", "free", u.bundle(sh(untilTerm)))
	u.mini("exec", "--apparmor", "mini-test", "free", "sh", "-c", show).wants(t, 0, "denied\nmini-test (enforce)\n")
	b.signal(syscall.SIGTERM).wants(t, 0, "")
	r := u.mini("run", u.bundle(func(s *specs.Spec) { s.Process.ApparmorProfile = "mini-none" }), "--", "true")
	r.wants(t, 125, "")
	r.says(t, "mini-none", "ENOENT", "not loaded", "/process/apparmorProfile")
}

// TestHooksInOrder: each kind once, with the status that the specification has
// for it, and the annotations.
func TestHooksInOrder(t *testing.T) {
	u := newUser(t)
	out := t.TempDir()
	if err := os.Chmod(out, 0o777); err != nil {
		t.Fatal(err)
	}
	hook := func(shell, dir, kind string) []specs.Hook {
		script := `read -r state; echo "` + kind + ` $state" >>` + dir + `/log`
		return []specs.Hook{{Path: shell, Args: []string{"sh", "-c", script}}}
	}
	r := u.mini("run", "--name", "hooked", u.bundle(withoutUserNS, func(s *specs.Spec) {
		s.Annotations = map[string]string{"org.example.key": "value"}
		s.Mounts = append(s.Mounts, specs.Mount{Destination: "/out", Source: out, Options: []string{"bind"}})
		s.Hooks = &specs.Hooks{
			Prestart:        hook("/bin/sh", out, "prestart"), //nolint:staticcheck // engines still send it
			CreateRuntime:   hook("/bin/sh", out, "createRuntime"),
			CreateContainer: hook("/bin/sh", out, "createContainer"),
			StartContainer:  hook("/bin/sh", "/out", "startContainer"),
			Poststart:       hook("/bin/sh", out, "poststart"),
			Poststop:        hook("/bin/sh", out, "poststop"),
		}
	}, sh("while ! grep -q poststart /out/log; do sleep 0.05; done")))
	r.wants(t, 0, "")
	log, err := os.ReadFile(filepath.Join(out, "log"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(log)) {
		kind, text, _ := strings.Cut(line, " ")
		var s specs.State
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if s.ID != "hooked" || s.Annotations["org.example.key"] != "value" || s.Version == "" || s.Bundle == "" {
			t.Errorf("%s got %s", kind, text)
		}
		got = append(got, kind+" "+string(s.Status)+" "+strconv.FormatBool(s.Pid > 0))
	}
	want := []string{"prestart creating true", "createRuntime creating true", "createContainer creating true",
		"startContainer created true", "poststart running true", "poststop stopped false"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
