package cgroups

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// devicesOnly needs a cgroup and no controller, so it works on a hybrid host.
const devicesOnly = `{"devices":[{"allow":false,"access":"rwm"}]}`

// openCgroup asks for no device program either.
const openCgroup = `{"unified":{"cgroup.max.depth":"5"}}`

func TestKernelProbe(t *testing.T) {
	f := kernel(t)
	if f.Own == "" || !isCgroup2(f.Mountpoint) {
		t.Errorf("%+v", f)
	}
	if (f.Mode == Unified) != (f.Mountpoint == usualMount) || f.Mode == Hybrid && len(f.V1) == 0 {
		t.Errorf("%+v", f)
	}
}

// An ordinary user may neither make cgroups in the root nor load programs, and
// the one error is known by its number.
func TestKernelOrdinaryUser(t *testing.T) {
	kernel(t)
	c := exec.Command("/proc/self/exe")
	c.Env = []string{helperEnv + "=user"}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := c.CombinedOutput()
	if string(out) != "up\ntrue true <nil> true\n" || err != nil {
		t.Errorf("%s, %v", out, err)
	}
}

// Groups come and go below one parent, which the last removes under the hands
// of the next.
func TestKernelManyAtOnce(t *testing.T) {
	f := kernel(t)
	base := testPath(t)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 25 {
				s, err := Plan(Config{Path: fmt.Sprintf("%s/%d-%d", base, worker, i), Resources: &specs.LinuxResources{Unified: map[string]string{"cgroup.max.depth": "5"}}}, f)
				for _, op := range slices.Concat(s.Prepare, s.Limits) {
					if err == nil {
						err = op.Do()
					}
				}
				if err == nil {
					err = s.Group.Remove()
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	_ = Remove(f.Mountpoint + base + "/none") // the mark of the parent may have come too late for its last child
	if exists(t, f.Mountpoint+base) {
		t.Error("the parent is left")
	}
}

func TestKernelMakeAndRemove(t *testing.T) {
	f := kernel(t)
	base := testPath(t)
	g := made(t, f, base+"/a/b", openCgroup)
	text, err := os.ReadFile(g.Path() + "/cgroup.max.depth")
	if err != nil || string(text) != "5\n" {
		t.Errorf("cgroup.max.depth is %q, %v", text, err)
	}
	c := start(t, g, "wait")
	if pids, err := g.Procs(); err != nil || len(pids) != 1 || pids[0] != c.Process.Pid {
		t.Errorf("procs %v, %v; want %d", pids, err, c.Process.Pid)
	}
	inner, _, err := makePath(f.Mountpoint, g.Path()+"/x/y")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	deep := start(t, &Group{dir: inner}, "wait")

	if err := Remove(g.Path()); err != nil {
		t.Fatal(err)
	}
	if s, d := c.signal(), deep.signal(); s != syscall.SIGKILL || d != syscall.SIGKILL {
		t.Errorf("ended by %v and %v", s, d)
	}
	if exists(t, f.Mountpoint+base) {
		t.Error("directories that mini made are left")
	}
	if err := Remove(g.Path()); err != nil {
		t.Errorf("remove again: %v", err)
	}
}

// Directories of others stay, though they are empty.
func TestKernelKeepsParentsOfOthers(t *testing.T) {
	f := kernel(t)
	other := f.Mountpoint + testPath(t)
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(other)
	g := made(t, f, testPath(t)+"/a/b", openCgroup)
	if err := g.Remove(); err != nil {
		t.Fatal(err)
	}
	if !exists(t, other) || exists(t, other+"/a") {
		t.Error("want the directory of others, and only that, left")
	}
}

func TestKernelPopulatedIsRefused(t *testing.T) {
	f := kernel(t)
	g := made(t, f, testPath(t), openCgroup)
	c := start(t, g, "wait")
	s, err := Plan(Config{Path: testPath(t), Resources: resources(t, openCgroup)}, f)
	if err != nil {
		t.Fatal(err)
	}
	second := s.Prepare[0].(*mkdir)
	if err := second.Do(); !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
	// The last: where there are controllers, the first offers them from above.
	if err := s.Limits[len(s.Limits)-1].Do(); err == nil {
		t.Error("a write to a group that was not opened worked")
	}
	if err := second.Undo(); err != nil {
		t.Error(err)
	}
	if err := RemoveVacant(g.Path()); err != nil {
		t.Error(err)
	}
	if e, err := g.Events(); err != nil || !e.Populated {
		t.Errorf("undo of the refused plan hit the neighbour: %+v, %v", e, err)
	}
	if err := g.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.signal()
	vacated(t, g)
	if err := RemoveVacant(g.Path()); err != nil || exists(t, g.Path()) {
		t.Errorf("where nobody lives: %v", err)
	}
}

func TestKernelFreeze(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	c := start(t, g, "wait")
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	if frozen, err := g.Frozen(); !frozen || err != nil {
		t.Errorf("frozen %v, %v", frozen, err)
	}
	if err := g.Thaw(); err != nil {
		t.Fatal(err)
	}
	if e, err := g.Events(); e.Frozen || !e.Populated || err != nil {
		t.Errorf("%+v, %v", e, err)
	}
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	if err := g.Kill(); err != nil {
		t.Fatal(err)
	}
	if s := c.signal(); s != syscall.SIGKILL {
		t.Errorf("ended by %v", s)
	}
}

func TestKernelFrozenIsRefused(t *testing.T) {
	f := kernel(t)
	g := made(t, f, testPath(t), openCgroup)
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	m := &mkdir{group: &Group{path: g.Path()}, mount: f.Mountpoint}
	if err := m.Do(); !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "frozen") {
		t.Errorf("got %v", err)
	}
}

func TestKernelRemoveRefuses(t *testing.T) {
	f := kernel(t)
	if err := Remove(f.Mountpoint); !errors.Is(err, unix.EPERM) {
		t.Errorf("root of the mount: %v", err)
	}
	g := made(t, f, testPath(t), openCgroup)
	c := start(t, g, "remove "+g.Path())
	if text := c.rest(t); !strings.Contains(text, "this process is in the cgroup") {
		t.Errorf("own cgroup: %s", text)
	}
	if err := Remove(t.TempDir()); !errors.Is(err, unix.EINVAL) {
		t.Errorf("no cgroup: %v", err)
	}
	if _, err := Open(filepath.Join(f.Mountpoint, "mini-test-none")); !errors.Is(err, unix.ENOENT) {
		t.Errorf("open of none: %v", err)
	}
}

// The config is a real container's; opening is what the kernel judges.
func TestKernelDevices(t *testing.T) {
	f := kernel(t)
	s, err := Plan(Config{Path: testPath(t), Resources: resources(t, devicesOnly), DefaultDevices: true}, f)
	if err != nil {
		t.Fatal(err)
	}
	g := do(t, s)
	opens := func(device, want string) {
		t.Helper()
		if got := strings.TrimSpace(start(t, g, "open "+device).rest(t)); got != want {
			t.Errorf("open %s: %s, want %s", device, got, want)
		}
	}
	opens("/dev/null", "true")
	opens("/dev/kmsg", "EPERM false")

	for _, allow := range []bool{true, false, true} {
		res := `{"devices":[{"allow":true,"type":"c","access":"rwm"}]}`
		want := "true"
		if !allow {
			res, want = `{"devices":[{"allow":true,"type":"c","access":"rwm"},{"allow":false,"type":"c","major":1,"minor":11,"access":"w"}]}`, "EPERM false"
		}
		ops, err := Update(Config{Resources: resources(t, res)}, f, g)
		if err != nil || len(ops) != 1 {
			t.Fatal(ops, err)
		}
		if err := ops[0].Do(); err != nil {
			t.Fatal(err)
		}
		if ids, err := attachedPrograms(g.Dir()); len(ids) != 1 || err != nil {
			t.Errorf("programs attached: %v, %v; want one", ids, err)
		}
		opens("/dev/kmsg", want)
	}
}

// Programs that mini did not attach have to stay.
func TestKernelForeignDeviceProgramStays(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	d, err := compileDevices(resources(t, devicesOnly).Devices, true)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := loadProgram(d.program(), "systemd_like")
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(foreign)
	if err := attachProgram(g.Dir(), foreign, 0); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := d.op(g).Do(); err != nil {
			t.Fatal(err)
		}
	}
	if ids, err := attachedPrograms(g.Dir()); len(ids) != 2 || err != nil {
		t.Errorf("programs attached: %v, %v; want two", ids, err)
	}
}

// A program with every shape of rule must get past the verifier.
func TestKernelVerifier(t *testing.T) {
	kernel(t)
	for _, text := range []string{
		`[]`, `[{"allow":true,"access":"rwm"}]`, `[{"allow":false,"access":"rwm"}]`,
		`[{"allow":false,"access":"m"},{"allow":true,"type":"a","minor":5,"access":"rm"},{"allow":false,"type":"c","major":4095,"minor":1048575,"access":"r"}]`,
		`[{"allow":true,"type":"b","minor":5,"access":"rwm"},{"allow":true,"type":"b","major":4095,"minor":1048575,"access":"rwm"},{"allow":true,"type":"c","access":"rwm"}]`,
	} {
		rules, err := parseList(text, true)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(rules) + 1 {
			fd, err := loadProgram(deviceProgram(rules[:n]), programName)
			if err != nil {
				t.Fatalf("%v: %v", rules[:n], err)
			}
			unix.Close(fd)
		}
	}
}
