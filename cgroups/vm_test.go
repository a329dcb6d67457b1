package cgroups

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Tests that need controllers: see the package comment for how to run them.

func levels(t *testing.T, g *Group) []Level {
	t.Helper()
	l, err := g.MemoryLevels()
	if err != nil || len(l) == 0 {
		t.Fatal("memory levels:", l, err)
	}
	return l
}

func TestVMMemoryLimit(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{"memory":{"limit":33554432,"swap":33554432}}`)
	before := levels(t, g)
	if s := start(t, g, "alloc 100").signal(); s != syscall.SIGKILL {
		t.Errorf("ended by %v, want SIGKILL", s)
	}
	if o := Blame(before, levels(t, g)); o.Culprit != OwnLimit || o.Kills == 0 || o.Path != g.Path() {
		t.Errorf("%+v", o)
	}
	st, err := g.Stats()
	if err != nil || st.Memory.Limit != 33554432 || st.Memory.Peak < 30<<20 || st.CPU.Usage == 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestVMMemoryLimitOfAncestor(t *testing.T) {
	f := vm(t)
	outer := made(t, f, testPath(t), `{"memory":{"limit":33554432,"swap":33554432}}`)
	g := made(t, f, testPath(t)+"/inner", `{"memory":{"limit":67108864}}`)
	before := levels(t, g)
	if s := start(t, g, "alloc 60").signal(); s != syscall.SIGKILL {
		t.Errorf("ended by %v, want SIGKILL", s)
	}
	if o := Blame(before, levels(t, g)); o.Culprit != OuterLimit || o.Path != outer.Path() {
		t.Errorf("%+v", o)
	}
}

func TestVMPids(t *testing.T) {
	f := vm(t)
	for _, limit := range []int{40, 0} {
		s, err := Plan(Config{Path: testPath(t), Resources: resources(t, fmt.Sprintf(`{"pids":{"limit":%d}}`, limit))}, f)
		if err != nil {
			t.Fatal(err)
		}
		late := s.Late
		s.Late = nil
		g := do(t, s)
		c := start(t, g, "fork") // is up before the limit is written, as init is
		if err := late[0].Do(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(c.in)
		if got := strings.TrimSpace(c.rest(t)); got != "EAGAIN" {
			t.Errorf("limit %d: the fork bomb ended with %s", limit, got)
		}
		if e, err := g.Events(); e.PidsMax == 0 || err != nil {
			t.Errorf("limit %d: %+v, %v", limit, e, err)
		}
		c.signal()
		if err := g.Remove(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVMCPUMax(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{"cpu":{"quota":10000,"period":100000,"burst":0}}`)
	start(t, g, "spin 1000").signal()
	if st, err := g.Stats(); err != nil || st.CPU.Throttled == 0 || st.CPU.ThrottledTime == 0 || st.CPU.Periods == 0 {
		t.Errorf("%+v, %v", st.CPU, err)
	}
}

func TestVMCpuset(t *testing.T) {
	f := vm(t)
	if runtime.NumCPU() < 2 {
		t.Fatal("needs two CPUs: hack/vmrun -c 2")
	}
	g := made(t, f, testPath(t), `{"cpu":{"cpus":"1","mems":"0"}}`)
	if got := strings.TrimSpace(start(t, g, "affinity").rest(t)); got != "1 true" {
		t.Errorf("affinity %s, want CPU 1 alone", got)
	}
}

// Values that the kernel has to give back as they were planned.
func TestVMFiles(t *testing.T) {
	f := vm(t)
	for res, want := range map[string]string{
		`{"memory":{"limit":-1}}`: "memory.max=max memory.swap.max=max",
		`{"memory":{"limit":1048576,"swap":2097152,"reservation":4096}}`: "memory.max=1048576 memory.swap.max=1048576 memory.low=4096",
		`{"cpu":{"shares":1024,"period":50000}}`:                         "cpu.weight=100 cpu.max=max|50000",
		`{"cpu":{"idle":1}}`:                                             "cpu.idle=1",
		`{"cpu":{"quota":200000,"burst":1000}}`:                          "cpu.max=200000|100000 cpu.max.burst=1000",
		`{"pids":{"limit":-1}}`:                                          "pids.max=max",
		`{"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]}`:        "hugetlb.2MB.max=4194304 hugetlb.2MB.rsvd.max=4194304",
		`{"memory":{"limit":4096},"unified":{"memory.max":"1048576","memory.high":"524288","memory.oom.group":"1"}}`: "memory.max=1048576 memory.high=524288 memory.oom.group=1",
		`{"blockIO":{"weight":500}}`: "io.weight=default|4950",
	} {
		g := made(t, f, testPath(t), res)
		for pair := range strings.FieldsSeq(want) {
			file, value, _ := strings.Cut(pair, "=")
			got, err := os.ReadFile(filepath.Join(g.Path(), file))
			if file == "io.weight" && os.IsNotExist(err) { // the kernel may have BFQ's instead
				got, err = os.ReadFile(filepath.Join(g.Path(), "io.bfq.weight"))
				value = "default|500"
			}
			if first, _, _ := strings.Cut(string(got), "\n"); err != nil || first != strings.ReplaceAll(value, "|", " ") {
				t.Errorf("%s: %s is %q, %v", res, file, got, err)
			}
		}
		if err := g.Remove(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVMIOMax(t *testing.T) {
	f := vm(t)
	device := loopDevice(t, 4)
	var st unix.Stat_t
	if err := unix.Stat(device, &st); err != nil {
		t.Fatal(err)
	}
	major, minor := unix.Major(st.Rdev), unix.Minor(st.Rdev)
	g := made(t, f, testPath(t), fmt.Sprintf(`{"blockIO":{"throttleWriteBpsDevice":[{"major":%d,"minor":%d,"rate":1048576}],"throttleReadIOPSDevice":[{"major":%d,"minor":%d,"rate":7}]}}`, major, minor, major, minor))
	got, err := os.ReadFile(g.Path() + "/io.max")
	if want := fmt.Sprintf("%d:%d rbps=max wbps=1048576 riops=7 wiops=max\n", major, minor); string(got) != want || err != nil {
		t.Errorf("io.max is %q, %v; want %q", got, err, want)
	}
	begin := time.Now()
	if got := strings.TrimSpace(start(t, g, "write "+device+" 3").rest(t)); got != "<nil>" {
		t.Errorf("write: %s", got)
	}
	if d := time.Since(begin); d < 2*time.Second {
		t.Errorf("3 MiB at 1 MiB/s took %v", d)
	}
	stats, err := g.Stats()
	if i := slices.IndexFunc(stats.IO, func(d IODevice) bool { return d.Major == major && d.Minor == minor }); err != nil || i < 0 || stats.IO[i].WrittenBytes != 3<<20 {
		t.Errorf("io.stat: %+v, %v", stats.IO, err)
	}
}

// loopDevice makes a block device of a file of so many MiB.
func loopDevice(t *testing.T, mib int64) string {
	t.Helper()
	if out, err := exec.Command("modprobe", "loop").CombinedOutput(); err != nil {
		t.Fatalf("modprobe loop: %v: %s", err, out)
	}
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "disk"))
	if err == nil {
		err = file.Truncate(mib << 20)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	loop, err := os.OpenFile(fmt.Sprintf("/dev/loop%d", n), os.O_RDWR, 0)
	if err == nil {
		err = unix.IoctlSetInt(int(loop.Fd()), unix.LOOP_SET_FD, int(file.Fd()))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.IoctlSetInt(int(loop.Fd()), unix.LOOP_CLR_FD, 0)
		loop.Close()
	})
	return loop.Name()
}

func TestVMUpdate(t *testing.T) {
	f := vm(t)
	g := made(t, f, testPath(t), `{"cpu":{"quota":50000,"burst":50000},"memory":{"limit":67108864}}`)
	c := start(t, g, "wait")
	update := func(res string) error {
		ops, err := Update(Config{Resources: resources(t, res)}, f, g)
		for _, op := range ops {
			if err == nil {
				err = op.Do()
			}
		}
		return err
	}
	if err := update(`{"cpu":{"quota":20000,"burst":10000}}`); err != nil {
		t.Errorf("quota below the burst in force: %v", err)
	}
	err := update(`{"memory":{"limit":4096,"checkBeforeUpdate":true}}`)
	if err == nil || !strings.Contains(err.Error(), "more than the new limit of 4096") {
		t.Errorf("check before update: %v", err)
	}
	if st, err := g.Stats(); err != nil || st.Memory.Limit != 67108864 {
		t.Errorf("the limit was written: %v, %v", st.Memory.Limit, err)
	}
	if err := c.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process died: %v", err)
	}
}

// A process alone in its cgroup steps aside for its children; with company it
// cannot, and the error says who is in the way.
func TestVMInnerProcesses(t *testing.T) {
	f := vm(t)
	g := made(t, f, testPath(t), `{"memory":{"limit":-1}}`)
	company := start(t, g, "wait")
	text := start(t, g, "enable "+g.Path()).rest(t)
	if !strings.Contains(text, fmt.Sprint(company.Process.Pid)) || !strings.Contains(text, unix.EBUSY.Error()) {
		t.Errorf("with company: %s", text)
	}
	company.in.Close()
	company.signal()
	text = start(t, g, "enable "+g.Path()).rest(t)
	if !strings.HasPrefix(text, "<nil>\n") || !strings.Contains(text, testPath(t)+"/"+leafName+"\n") {
		t.Errorf("alone: %s", text)
	}
	got, err := os.ReadFile(g.Path() + "/cgroup.subtree_control")
	if string(got) != "memory\n" || err != nil {
		t.Errorf("subtree_control is %q, %v", got, err)
	}
}

// The plan as a person would type it must have the same effect.
func TestVMShell(t *testing.T) {
	f := vm(t)
	s, err := Plan(Config{Path: testPath(t), Resources: resources(t, `{"memory":{"limit":1048576,"swap":1048576},"blockIO":{"weight":500},"cpu":{"quota":5000},"pids":{"limit":9}}`)}, f)
	if err != nil {
		t.Fatal(err)
	}
	script := "set -e\n"
	for _, op := range slices.Concat(s.Prepare, s.Limits, s.Late) {
		script += op.Shell() + "\n"
	}
	defer Remove(s.Group.Path())
	pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil || ws.ExitStatus() != 0 {
		t.Fatalf("%s\nended with %v, %v", script, ws.ExitStatus(), err)
	}
	g, err := Open(s.Group.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if st, err := g.Stats(); err != nil || st.Memory.Limit != 1048576 || st.Memory.SwapLimit != 0 || st.Pids.Limit != 9 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestVMUnlimitedIsCounted: a group without limits has the controllers that count
// what it uses.
func TestVMUnlimitedIsCounted(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{}`)
	for _, file := range []string{"memory.current", "pids.current", "cpu.weight"} {
		if _, err := os.Stat(filepath.Join(g.Path(), file)); err != nil {
			t.Error(err)
		}
	}
}
