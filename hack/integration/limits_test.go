package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestVMUpdate changes limits from outside, one by one and by a document.
func TestVMUpdate(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	u.running("grows")
	for _, test := range []struct{ flag, value, file, want string }{
		{"--memory", "64m", "memory.max", "67108864"},
		{"--memory-reservation", "32m", "memory.low", "33554432"},
		{"--memory-swap", "96m", "memory.swap.max", "33554432"},
		{"--memory", "80m", "memory.swap.max", "16777216"}, // the sum stays
		{"--cpu-quota", "20000", "cpu.max", "20000 100000"},
		{"--cpu-period", "50000", "cpu.max", "20000 50000"},
		{"--cpu-share", "1024", "cpu.weight", "100"},
		{"--pids-limit", "77", "pids.max", "77"},
		{"--cpuset-cpus", "0", "cpuset.cpus", "0"},
	} {
		u.mini("update", test.flag, test.value, "grows").wants(t, 0, "")
		if got := group(t, "grows", test.file); got != test.want {
			t.Errorf("%s %s: %s has %q, want %q", test.flag, test.value, test.file, got, test.want)
		}
	}
	cmd := u.command("update", "--resources", "-", "grows")
	cmd.Stdin = strings.NewReader(`{"pids":{"limit":88},"devices":[{"allow":true}],"new":1}`)
	r := finish(t, cmd)
	r.wants(t, 0, "")
	r.says(t, "new")
	if got := group(t, "grows", "pids.max"); got != "88" {
		t.Errorf("pids.max has %q", got)
	}
	for _, flag := range []string{"--cpu-rt-runtime", "--l3-cache-schema", "--memory"} {
		u.wantError("update", flag, "5x", "grows").says(t, flag)
	}
	u.wantError("update", "--cpu-rt-runtime", "5000", "grows").says(t, "/linux/resources/cpu/realtimeRuntime")
}

// TestVMOOMEvent: the kernel kills a process for its memory, and events tell.
func TestVMOOMEvent(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	u.running("hungry")
	u.mini("update", "--memory", "32m", "--memory-swap", "32m", "hungry").wants(t, 0, "")
	output := filepath.Join(t.TempDir(), "output")
	f, err := os.Create(output)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := u.command("events", "--interval", "200ms", "hungry")
	cmd.Stdout = f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	awaitText(t, output, `"type":"stats"`)
	u.mini("exec", "hungry", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1").wantStatus(t, 137)
	awaitText(t, output, `{"type":"oom","id":"hungry"}`)
	u.mini("kill", "hungry", "KILL").wants(t, 0, "")
	if err := cmd.Wait(); err != nil {
		t.Errorf("events: %v", err)
	}
}

// TestVMUpdateOutlivesARestart: the heartbeat makes the container anew with the
// limits that it had in the end.
func TestVMUpdateOutlivesARestart(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	b := u.start("run", "--name", "again", "--restart", "on-failure:1", u.bundle(sh("trap 'exit 3' USR1; echo ready; while :; do sleep 0.05; done")))
	u.mini("update", "--pids-limit", "55", "again").wants(t, 0, "")
	u.mini("kill", "again", "USR1").wants(t, 0, "")
	if line, err := b.out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	if got := group(t, "again", "pids.max"); got != "55" {
		t.Errorf("pids.max has %q after the restart", got)
	}
	u.mini("kill", "again", "KILL").wants(t, 0, "")
	b.wait().wantStatus(t, 137)
}

// TestVMExecBesideInnerCgroup: a container that hands controllers down has moved
// its processes into a child (cgroups(7)); the leaf of a further one stands beside.
func TestVMExecBesideInnerCgroup(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	script := `mkdir /sys/fs/cgroup/in && echo 1 >/sys/fs/cgroup/in/cgroup.procs &&
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control && ` + untilTerm
	limit := int64(256 << 20)
	output := u.create("nest", u.bundle(sh(script), withoutUserNS, writableCgroup, func(s *specs.Spec) {
		s.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &limit}
	}))
	u.mini("start", "nest").wants(t, 0, "")
	awaitText(t, output, "ready")
	own := `leaf=$(sed -n s/^0:://p /proc/self/cgroup); echo ${leaf%%-*}; [ $(cat /sys/fs/cgroup$leaf/memory.peak) -gt 0 ]`
	u.mini("exec", "nest", "sh", "-c", own).wants(t, 0, "/exec\n")
	u.mini("exec", "--cgroup", "/in", "nest", "grep", "^0:", "/proc/self/cgroup").wants(t, 0, "0::/in\n")
	wantLeaves(t, "nest", 0)
	// No leaf can be made, and nobody may be beside the inner one.
	if err := os.WriteFile("/sys/fs/cgroup/mini/nest/cgroup.max.descendants", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	u.mini("exec", "nest", "grep", "^0:", "/proc/self/cgroup").wants(t, 0, "0::/in\n")
}
