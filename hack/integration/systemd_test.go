package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestSystemd boots a machine where systemd is process 1 and runs the tests
// below there.
func TestSystemd(t *testing.T) {
	if inVM {
		t.Skip("boots a machine of its own")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("../vmrun", "--systemd", "-c", "1", "-m", "1024", "-T", "1500", "--", exe, "-test.v", "-test.run", "^TestUnderSystemd")
	cmd.Env = append(os.Environ(), "MINI_VM=1")
	r := finish(t, cmd)
	t.Log(r.stdout)
	if r.status != 0 || strings.Contains(r.stdout, "--- SKIP") || !strings.Contains(r.stdout, "--- PASS: TestUnderSystemd") {
		t.Errorf("status %d\n%s", r.status, r.stderr)
	}
}

// underSystemd skips where no systemd runs (sd_booted(3)).
func underSystemd(t *testing.T) user {
	t.Helper()
	if _, err := os.Stat("/run/systemd/system"); err != nil || !inVM {
		t.Skip("needs systemd: TestSystemd boots a machine with it")
	}
	return newUser(t)
}

// shown are properties of a unit, in the order asked for.
func shown(t *testing.T, unit string, names ...string) string {
	t.Helper()
	out, err := exec.Command("systemctl", "show", unit, "--property", strings.Join(names, ",")).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = value
	}
	var list []string
	for _, name := range names {
		list = append(list, values[name])
	}
	return strings.Join(list, " ")
}

// wantGone requires that systemd knows nothing of a unit, and the kernel
// nothing of its cgroup.
func wantGone(t *testing.T, unit, dir string) {
	t.Helper()
	if got := shown(t, unit, "LoadState"); got != "not-found" {
		t.Errorf("%s is still there: %s", unit, got)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s: %v", dir, err)
	}
}

const slice = "/sys/fs/cgroup/system.slice/"

// limits of a cgroup, as the kernel has them.
func limits(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	for _, file := range []string{"memory.max", "cpu.max", "pids.max"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSpace(string(text)))
	}
	return strings.Join(list, ", ")
}

func TestUnderSystemdLimits(t *testing.T) {
	u := underSystemd(t)
	b := u.start("--systemd-cgroup", "run", "--name", "sized", "--memory", "64m", "--cpus", "0.5", "--pids-limit", "20",
		u.bundle(sh("trap 'exit 0' TERM; cat /proc/self/cgroup; sleep 1000 & wait")))
	if b.first != "0::/\n" {
		t.Errorf("in a cgroup namespace of its own it sees %q", b.first)
	}
	const unit, dir = "mini-sized.scope", slice + "mini-sized.scope"
	if got, want := shown(t, unit, "ActiveState", "Slice", "ControlGroup", "Delegate", "DefaultDependencies", "CollectMode"),
		"active system.slice /system.slice/mini-sized.scope yes no inactive-or-failed"; got != want {
		t.Errorf("the unit: got %s, want %s", got, want)
	}
	check := func(kernel, systemd string) {
		t.Helper()
		if err := run("systemctl", "daemon-reload"); err != nil {
			t.Fatal(err)
		}
		if got := limits(t, dir); got != kernel {
			t.Errorf("the kernel, after daemon-reload: got %s, want %s", got, kernel)
		}
		if got := shown(t, unit, "MemoryMax", "CPUQuotaPerSecUSec", "TasksMax"); got != systemd {
			t.Errorf("systemd: got %s, want %s", got, systemd)
		}
	}
	check("67108864, 50000 100000, 20", "67108864 500ms 20")
	u.mini("update", "--memory", "33554432", "--pids-limit", "30", "sized").wantStatus(t, 0)
	check("33554432, 50000 100000, 30", "33554432 500ms 30")
	b.signal(syscall.SIGTERM).wants(t, 0, "")
	wantGone(t, unit, dir)
}

// TestUnderSystemdPath: linux.cgroupsPath names the slice and the unit.
func TestUnderSystemdPath(t *testing.T) {
	u := underSystemd(t)
	limit := int64(64 << 20)
	dir := u.bundle(sh("exec sleep 1000"), func(s *specs.Spec) {
		s.Linux.CgroupsPath = "mini-test.slice:cri:abc"
		s.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &limit}
		s.Annotations = map[string]string{
			"org.systemd.property.TimeoutStopUSec": "uint64 7000000", "org.systemd.property.RuntimeMaxSec": "5000",
			"org.systemd.property.CollectMode": "'inactive'",
		}
	})
	r, _ := u.quiet("--systemd-cgroup", "create", "--bundle", dir, "named")
	r.wantStatus(t, 0)
	const group = "/mini.slice/mini-test.slice/cri-abc.scope"
	own, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", *u.state("named").Pid))
	if string(own) != "0::"+group+"\n" {
		t.Errorf("init is in %q, %v", own, err)
	}
	if got, err := os.ReadFile("/sys/fs/cgroup" + group + "/memory.max"); string(got) != "67108864\n" {
		t.Errorf("memory.max: got %q, %v", got, err)
	}
	if got, want := shown(t, "cri-abc.scope", "TimeoutStopUSec", "RuntimeMaxUSec", "CollectMode"), "7s 1h 23min 20s inactive"; got != want {
		t.Errorf("properties of annotations: got %s, want %s", got, want)
	}
	u.mini("start", "named").wantStatus(t, 0)
	u.mini("exec", "named", "true").wantStatus(t, 0)
	u.mini("delete", "--force", "named").wantStatus(t, 0)
	wantGone(t, "cri-abc.scope", "/sys/fs/cgroup"+group)
	_ = run("systemctl", "stop", "mini.slice") // systemd keeps slices that it has made
}

// TestUnderSystemdKilled kills mini right after each of the steps that begin
// with the keeper. The machine must be as before when gc has run.
func TestUnderSystemdKilled(t *testing.T) {
	u := underSystemd(t)
	dir := u.bundle()
	for i, s := range u.plan(dir) { // without systemd, and so with another number
		if !strings.HasPrefix(s.Text, "mkdir /sys/fs/cgroup") {
			continue
		}
		for n := i + 1; n < i+6; n++ {
			cmd := u.command("--systemd-cgroup", "run", "--name", "dead", dir, "--", "sleep", "1000")
			cmd.Path, _ = filepath.Abs(faultPath)
			cmd.Env = append(cmd.Environ(), fmt.Sprintf("MINI_DIE_AFTER=%d", n))
			_ = cmd.Run()
			if got := exitStatus(cmd.ProcessState); got != 128+int(syscall.SIGKILL) {
				t.Errorf("mini should have died after step %d, got status %d", n, got)
			}
			u.mini("gc").wantStatus(t, 0)
			wantGone(t, "mini-dead.scope", slice+"mini-dead.scope")
		}
	}
}

// TestUnderSystemdOthers: a unit of the same name that is not ours stays.
func TestUnderSystemdOthers(t *testing.T) {
	u := underSystemd(t)
	other := exec.Command("systemd-run", "--scope", "--unit", "mini-taken", "sleep", "1000")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the other scope", func() bool { return shown(t, "mini-taken.scope", "ActiveState") == "active" })
	r := u.mini("--systemd-cgroup", "run", "--name", "taken", u.bundle(sh("true")))
	r.wants(t, 125, "")
	r.says(t, "mini-taken.scope", "EEXIST", "/linux/cgroupsPath")
	if got := shown(t, "mini-taken.scope", "ActiveState"); got != "active" {
		t.Errorf("the other scope is %s", got)
	}
	_ = other.Process.Kill()
	_ = other.Wait()
}

// TestUnderSystemdAgain: the name is free as soon as mini has said how it ended.
func TestUnderSystemdAgain(t *testing.T) {
	u := underSystemd(t)
	dir := u.bundle(sh("echo ran"))
	for range 5 {
		u.mini("--systemd-cgroup", "run", "--name", "again", dir).wants(t, 0, "ran\n")
	}
}

// TestUnderSystemdWithoutItsPath: a path is no slice:prefix:name.
func TestUnderSystemdWithoutItsPath(t *testing.T) {
	u := underSystemd(t)
	r := u.mini("--systemd-cgroup", "run", u.bundle(func(s *specs.Spec) { s.Linux.CgroupsPath = "/mini/x" }))
	r.wants(t, 125, "")
	r.says(t, "slice:prefix:name", "/linux/cgroupsPath")
}

// TestUnderSystemdUser: an ordinary user's systemd makes the scope, for someone
// who is in a cgroup outside of it, as in a login session.
func TestUnderSystemdUser(t *testing.T) {
	underSystemd(t)
	o := newOrdinary(t)
	unit := fmt.Sprintf("user@%d.service", ordinaryID)
	// In place of the distribution's, which wants PAM and logind.
	text := fmt.Sprintf("[Unit]\nDefaultDependencies=no\n[Service]\nType=notify\nSlice=user-%d.slice\nUser=%[1]d\nDelegate=pids memory cpu\n"+
		"Environment=XDG_RUNTIME_DIR=%s/run HOME=%[2]s/home\nExecStart=/lib/systemd/systemd --user --unit=basic.target\n", ordinaryID, o.dir)
	if err := os.WriteFile("/run/systemd/system/"+unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// Systemd starts nothing for a number without a name. This machine is thrown away.
	if err := run("sh", "-c", `echo "ann:x:$1:$1::/:/bin/sh" >>/etc/passwd; echo "ann:x:$1:" >>/etc/group
		systemctl daemon-reload && systemctl start "$0"`, unit, fmt.Sprint(ordinaryID)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run("systemctl", "stop", unit) })
	home := fmt.Sprintf("/sys/fs/cgroup/user.slice/user-%d.slice/%s/user.slice/", ordinaryID, unit)
	b := o.start("--systemd-cgroup", "run", "--name", "mine", "--memory", "64m", "--pids-limit", "20", o.bundle(sh(untilTerm)))
	for file, want := range map[string]string{"memory.max": "67108864\n", "pids.max": "20\n"} {
		if got, err := os.ReadFile(home + "mini-mine.scope/" + file); string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", file, got, err, want)
		}
	}
	o.mini("exec", "mine", "grep", "-c", "^0::/exec-", "/proc/self/cgroup").wants(t, 0, "1\n")
	o.mini("update", "--memory", "33554432", "mine").wantStatus(t, 0)
	if got, err := os.ReadFile(home + "mini-mine.scope/memory.max"); string(got) != "33554432\n" {
		t.Errorf("after the update: got %q, %v", got, err)
	}
	b.signal(syscall.SIGTERM).wants(t, 0, "")
	await(t, "the end of all scopes", func() bool { return len(glob(home, "mini-*")) == 0 })
}
