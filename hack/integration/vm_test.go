package integration

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// needControllers skips on machines without them; in the VM that is a failure.
func needControllers(t *testing.T) {
	t.Helper()
	list, err := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	have := strings.Fields(string(list))
	for _, want := range []string{"cpu", "io", "memory", "pids"} {
		switch found := strings.Contains(" "+strings.Join(have, " ")+" ", " "+want+" "); {
		case !found && inVM:
			t.Fatalf("no %s controller: %q, %v", want, list, err)
		case !found:
			t.Skipf("needs the %s controller of cgroup v2: go run ./hack/test vm", want)
		}
	}
}

// group reads a file of a container's cgroup, from outside.
func group(t *testing.T, name, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/sys/fs/cgroup/mini", name, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// entry returns a number of a flat keyed file, such as cpu.stat.
func entry(t *testing.T, name, file, key string) int {
	t.Helper()
	for line := range strings.Lines(group(t, name, file)) {
		if k, value, _ := strings.Cut(strings.TrimSpace(line), " "); k == key {
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("%s has no %s", file, key)
	return 0
}

// TestVMMemoryLimit: dd wants a buffer of 100 MiB and writes all of it.
func TestVMMemoryLimit(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	r := u.mini("run", "--memory", "32m", u.bundle(), "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1")
	r.wants(t, 137, "")
	r.says(t, `OOM|out of memory`, `own (memory )?limit|its own limit`, `32 ?Mi|33554432`)
}

// TestVMMemoryWithinTheLimit: the same, with room for it.
func TestVMMemoryWithinTheLimit(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	r := u.mini("run", "--memory", "160m", u.bundle(), "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1")
	r.wants(t, 0, "")
	if strings.Contains(r.stderr, "OOM") {
		t.Errorf("nothing was killed, yet mini says: %s", r.stderr)
	}
}

// TestVMMemoryLimitIsInTheCgroup reads what the kernel has.
func TestVMMemoryLimitIsInTheCgroup(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	b := u.start("run", "--name", "sized", "--memory", "32m", "--cpus", "0.5", "--pids-limit", "7", u.bundle(sh(untilTerm)))
	for file, want := range map[string]string{"memory.max": "33554432", "cpu.max": "50000 100000", "pids.max": "7"} {
		if got := group(t, "sized", file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
	b.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestVMForkBomb: the bomb gets as far as the limit, and its shell still works.
func TestVMForkBomb(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	bomb := `(while :; do sleep 1000 & done) 2>/tmp/said; read said </tmp/said; echo "$said"; exec sleep 1000`
	b := u.start("run", "--name", "bomb", "--pids-limit", "16", u.bundle(sh(bomb)))
	if refused := entry(t, "bomb", "pids.events", "max"); refused == 0 {
		t.Error("pids.events: no fork was refused")
	}
	if peak, err := strconv.Atoi(group(t, "bomb", "pids.peak")); err != nil || peak > 16 {
		t.Errorf("pids.peak: got %d, %v, want 16 at most", peak, err)
	}
	u.mini("kill", "bomb", "KILL").wantStatus(t, 0)
	b.wait().wants(t, 137, "")
}

// TestVMZeroPids: since version 1.3 of the specification 0 is a limit, and a
// program that never forks lives with it.
func TestVMZeroPids(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	zero := int64(0)
	r := u.mini("run", u.bundle(sh("exec 2>/dev/null; true; (true); echo $?"), func(s *specs.Spec) {
		s.Linux.Resources.Pids = &specs.LinuxPids{Limit: &zero}
	}))
	if r.stdout == "0\n" {
		t.Errorf("a fork succeeded: %+v", r)
	}
}

// untilThrottled works for as long as it takes the kernel to hold it up, which depends
// on the machine. It forks nothing.
const untilThrottled = `throttled() { while read -r key n; do [ $key = nr_throttled ] && [ $n != 0 ] && return; done </sys/fs/cgroup/cpu.stat; return 1; }
	until throttled; do i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done; done; `

func TestVMCPUIsThrottled(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	b := u.start("run", "--name", "busy", "--cpus", "0.2",
		u.bundle(sh(untilThrottled+untilTerm)))
	if got := group(t, "busy", "cpu.max"); got != "20000 100000" {
		t.Errorf("cpu.max: got %q", got)
	}
	if n, usec := entry(t, "busy", "cpu.stat", "nr_throttled"), entry(t, "busy", "cpu.stat", "throttled_usec"); n == 0 || usec == 0 {
		t.Errorf("cpu.stat: nr_throttled %d, throttled_usec %d", n, usec)
	}
	b.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestVMDevices: the node is there and anyone may open it, but the cgroup's device
// program refuses what is not on the list.
func TestVMDevices(t *testing.T) {
	tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err) // or the kernel's answer would not be about the list
	}
	tun.Close()
	u := newUser(t)
	script := sh("[ -c /dev/tun ] || exit 9; if (: <>/dev/tun) 2>/tmp/said; then echo opened; else cat /tmp/said; fi; : >/dev/null && echo ok")
	r := u.mini("run", u.bundle(script, allowTun("m")))
	if r.status != 0 || strings.Contains(r.stdout, "opened") || !strings.HasSuffix(r.stdout, "not permitted\nok\n") {
		t.Errorf("a device that is not allowed: %+v", r)
	}
	u.mini("run", u.bundle(script, allowTun("rwm"))).wants(t, 0, "opened\nok\n")
}

// allowTun makes a node of the tun device, c 10:200, with some access to it.
func allowTun(access string) func(*specs.Spec) {
	major, minor, mode := int64(10), int64(200), os.FileMode(0o666)
	return func(s *specs.Spec) {
		withoutUserNS(s)
		s.Linux.Devices = append(s.Linux.Devices, specs.LinuxDevice{Path: "/dev/tun", Type: "c", Major: major, Minor: minor, FileMode: &mode})
		s.Linux.Resources.Devices = append(s.Linux.Resources.Devices,
			specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: access})
	}
}

// TestVMLimitsAndIsolation is the default container under all its limits at once.
func TestVMLimitsAndIsolation(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	r := u.mini("run", "--memory", "64m", "--cpus", "1", "--pids-limit", "32", u.bundle(sh(
		`read inside outside n </proc/self/uid_map; echo $inside $((outside > 0))
		cd /; cd ../..; ls -d data; ls /proc/1/root/../../data | wc -l
		cat /proc/kcore /proc/keys 2>/dev/null | wc -c
		echo 1 2>/dev/null >/proc/sys/kernel/sysrq || echo no
		cat /sys/fs/cgroup/memory.max /proc/self/cgroup`)))
	r.wants(t, 0, "0 1\ndata\n0\n0\nno\n67108864\n0::/\n")
}

// TestVMNothingLeft: the parent of all containers is there or not, but no child.
func TestVMNothingLeft(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	u.mini("run", "--name", "gone", "--memory", "64m", u.bundle(), "--", "true").wants(t, 0, "")
	if _, err := os.Stat("/sys/fs/cgroup/mini/gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its cgroup: %v", err)
	}
}
