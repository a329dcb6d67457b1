package cgroups

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

// host is a unified host as seen by root.
func host(controllers ...string) Facts {
	if controllers == nil {
		controllers = strings.Fields("cpuset cpu io memory hugetlb pids rdma misc")
	}
	return Facts{Mode: Unified, Mountpoint: "/sys/fs/cgroup", Base: "/", Controllers: controllers, Own: "/"}
}

func resources(t testing.TB, text string) *specs.LinuxResources {
	t.Helper()
	var r specs.LinuxResources
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func render(s Steps) string {
	var b strings.Builder
	section := func(name string, ops []Op) {
		for _, op := range ops {
			fmt.Fprintf(&b, "%s: %s\n\tfield %s\n\twhy   %s\n\tsh    %s\n", name, op, op.Field(), op.Why(), op.Shell())
		}
	}
	section("prepare", s.Prepare)
	section("limits", s.Limits)
	section("late", s.Late)
	if s.Group == nil {
		b.WriteString("no group\n")
	}
	return b.String()
}

func TestPlanGolden(t *testing.T) {
	delegated := Facts{Mode: Unified, Mountpoint: "/sys/fs/cgroup", Base: "/user.slice/run.scope", Own: "/user.slice/run.scope", Controllers: []string{"memory", "pids"}}
	hybrid := Facts{Mode: Hybrid, Mountpoint: "/sys/fs/cgroup/unified", Base: "/", Own: "/", V1: map[string]int{"memory": 4}}
	docker := `{"blockIO":{"weight":0,"weightDevice":[],"throttleReadBpsDevice":null},"cpu":{"shares":0,"quota":0,"period":0,"cpus":"","mems":""},
		"memory":{"limit":0,"reservation":0,"swap":0,"disableOOMKiller":false},"pids":{},"hugepageLimits":[],"unified":{},
		"network":{"classID":0,"priorities":[]},"devices":[{"allow":false,"access":"rwm"}]}`
	for name, c := range map[string]struct {
		res   string
		path  string
		facts Facts
	}{
		"nothing":   {"{}", "/mini/abc", host()},
		"typical":   {`{"memory":{"limit":33554432,"swap":33554432},"cpu":{"shares":512,"quota":50000},"pids":{"limit":64},"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"}]}`, "/mini/abc", host()},
		"docker":    {docker, "/docker/0123", host()},
		"relative":  {`{"memory":{"limit":1048576}}`, "mini/abc", delegated},
		"hybrid":    {docker, "/mini/abc", hybrid},
		"hybrid-no": {`{}`, "/mini/abc", hybrid},
		"unified":   {`{"memory":{"limit":1000},"unified":{"memory.max":"2000","io.max":"8:0 rbps=1\n8:16 wbps=2\n","cgroup.max.depth":"3","misc.max":"sev 1","pids.max":"7"}}`, "/a/b/c d", host()},
		"all-io":    {`{"blockIO":{"weight":500,"weightDevice":[{"major":8,"minor":0,"weight":10}],"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}],"throttleWriteIOPSDevice":[{"major":8,"minor":16,"rate":300}]},"hugepageLimits":[{"pageSize":"2MB","limit":0}],"rdma":{"mlx5_1":{"hcaHandles":3,"hcaObjects":10000},"a":{"hcaObjects":1}}}`, "/x", host()},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Plan(Config{Path: c.path, Resources: resources(t, c.res), DefaultDevices: true}, c.facts)
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, name+".golden", render(s))
		})
	}
}

// TestPlanTree: what has to be killed as a whole has a group where one can be
// made, and is not refused where none can.
func TestPlanTree(t *testing.T) {
	hybrid := Facts{Mode: Hybrid, Mountpoint: "/sys/fs/cgroup/unified", Base: "/", Own: "/"}
	for name, f := range map[string]Facts{"hybrid": hybrid, "none": {Mode: None}, "not ours": {Mode: Hybrid, Mountpoint: hybrid.Mountpoint}} {
		s, err := Plan(Config{Path: "/mini/abc", Tree: true}, f)
		if err != nil || (s.Group != nil) != (name == "hybrid") || len(s.Limits) != 0 {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	hybrid := Facts{Mode: Hybrid, Mountpoint: "/sys/fs/cgroup/unified", Base: "/", V1: map[string]int{"memory": 4, "blkio": 7}}
	for _, c := range []struct {
		name, res, path string
		facts           Facts
		field, text     string
	}{
		{"no controller", `{"pids":{"limit":1}}`, "/a", host("memory"), "/linux/resources/pids/limit", "cgroup_disable=pids"},
		{"hybrid", `{"memory":{"limit":1}}`, "/a", hybrid, "/linux/resources/memory/limit", "hybrid and has it in cgroup v1 (hierarchy 4"},
		{"hybrid io", `{"blockIO":{"weight":10}}`, "/a", hybrid, "/linux/resources/blockIO/weight", "controller io is not available: the host is hybrid and has it in cgroup v1 (hierarchy 7"},
		{"hybrid doctor", `{"cpu":{"shares":10}}`, "/a", hybrid, "/linux/resources/cpu/shares", "mini doctor shows the host's controllers"},
		{"legacy", `{"cpu":{"quota":5000}}`, "/a", Facts{Mode: Legacy}, "/linux/resources/cpu/quota", "cgroup v1 only"},
		{"none", `{"cpu":{"quota":5000}}`, "/a", Facts{Mode: None}, "/linux/resources/cpu/quota", "no cgroup file system"},
		{"not delegated", `{"cpu":{"quota":5000}}`, "a", Facts{Mode: Unified, Mountpoint: "/m", Base: "/u", Controllers: []string{"pids"}}, "/linux/resources/cpu/quota", "not delegated to us, /m/u/cgroup.controllers"},
		{"unknown unified", `{"unified":{"foo.max":"1"}}`, "/a", host(), "/linux/resources/unified/foo.max", "controller foo"},
		{"path up", `{}`, "/a/../b", host(), "/linux/cgroupsPath", ".. in it"},
		{"path root", `{}`, "/./", host(), "/linux/cgroupsPath", "root cgroup"},
		{"path dot", `{}`, ".", host(), "/linux/cgroupsPath", "no cgroup of its own"},
		{"path empty", `{}`, "", host(), "/linux/cgroupsPath", "empty"},
		{"path systemd", `{}`, "system.slice:mini:abc", host(), "/linux/cgroupsPath", "systemd"},
		{"path newline", `{}`, "/a\nb", host(), "/linux/cgroupsPath", "newline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Plan(Config{Path: c.path, Resources: resources(t, c.res)}, c.facts)
			wantField(t, err, c.field, c.text)
		})
	}
}

func wantField(t *testing.T, err error, field, text string) {
	t.Helper()
	var fe *FieldError
	if !errors.As(err, &fe) || fe.Pointer() != field || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want %s: … %s …", err, field, text)
	}
}

// Without a place for a cgroup a plan that asks for nothing is empty, and one
// that asks for devices or core files is recognisable.
func TestPlanWithoutPlace(t *testing.T) {
	for name, f := range map[string]Facts{
		"legacy":   {Mode: Legacy},
		"none":     {Mode: None},
		"rootless": {Mode: Unified, Mountpoint: "/sys/fs/cgroup", Controllers: []string{"memory"}},
		"outside":  {Mode: Unified, Mountpoint: "/sys/fs/cgroup", Base: "/user.slice"},
	} {
		s, err := Plan(Config{Path: "/mini/abc"}, f)
		if err != nil || s.Group != nil || s.Prepare != nil || s.Limits != nil || s.Late != nil {
			t.Errorf("%s: plan of nothing is %+v, %v", name, s, err)
		}
		_, err = Plan(Config{Path: "/mini/abc", Resources: resources(t, `{"devices":[{"allow":false,"access":"rwm"}]}`)}, f)
		wantField(t, err, "/linux/resources/devices", "no cgroup can be made")
		if !errors.Is(err, ErrNoCgroup) {
			t.Errorf("%s: %v is not ErrNoCgroup", name, err)
		}
	}
}

func TestUpdate(t *testing.T) {
	g := &Group{path: "/sys/fs/cgroup/mini/abc"}
	ops, err := Update(Config{Resources: resources(t, `{"memory":{"limit":4096,"checkBeforeUpdate":true},"cpu":{"quota":2000,"burst":1000},"pids":{"limit":-1},"devices":[{"allow":true,"access":"rwm"}]}`)}, host(), g)
	if err != nil {
		t.Fatal(err)
	}
	wantOps(t, ops,
		"enable +cpu +memory +pids in /sys/fs/cgroup",
		"enable +cpu +memory +pids in /sys/fs/cgroup/mini",
		"check memory.current <= 4096",
		"write 4096 > memory.max",
		"write 0 > cpu.max.burst (if the file exists)",
		"write 2000 100000 > cpu.max",
		"write 1000 > cpu.max.burst",
		"write max > pids.max",
		"attach device program (allow a *:* rwm)",
	)
	if ops, err := Update(Config{}, host(), g); len(ops) != 0 || err != nil {
		t.Errorf("update of nothing: %v, %v", ops, err)
	}
}

// wantOps wants these steps, as they are shown.
func wantOps(t *testing.T, ops []Op, want ...string) {
	t.Helper()
	var got []string
	for _, op := range ops {
		got = append(got, op.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func FuzzPlan(f *testing.F) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) == 0 {
		f.Fatal("no golden files", err)
	}
	for _, s := range []string{
		`{}`, `{"unified":{"a.b":"c\nd","x/y.z":"1"}}`, `{"memory":{"limit":-5,"swap":9}}`,
		`{"devices":[{"allow":true,"type":"c","major":4096}]}`, `{"rdma":{"a\nb":{}}}`,
		`{"hugepageLimits":[{"pageSize":"../x","limit":1}]}`, `{"cpu":{"cpus":"0-\n","quota":1}}`,
		`{"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":10,"leafWeight":1}]}}`,
	} {
		f.Add([]byte(s), "/mini/abc")
	}
	f.Fuzz(func(t *testing.T, text []byte, p string) {
		var r specs.LinuxResources
		if json.Unmarshal(text, &r) != nil {
			return
		}
		s, err := Plan(Config{Path: p, Resources: &r, DefaultDevices: true}, host())
		var fe *FieldError
		if err != nil && (!errors.As(err, &fe) || !strings.HasPrefix(fe.Field, "/linux/")) {
			t.Fatalf("error without a pointer: %v", err)
		}
		for _, op := range slices.Concat(s.Prepare, s.Limits, s.Late) {
			checkOp(t, op)
		}
	})
}

// checkOp holds what is true of each operation.
func checkOp(t *testing.T, op Op) {
	_, unasked := op.(*offer)
	if op.Why() == "" || op.Field() == "" != unasked || strings.Contains(op.String(), "\n") {
		t.Errorf("op %q: field %q, why %q", op, op.Field(), op.Why())
	}
	w, ok := op.(*write)
	if !ok {
		return
	}
	files := []fallback{{w.file, w.value}}
	if w.other != nil {
		files = append(files, *w.other)
	}
	for _, f := range files {
		if strings.ContainsAny(f.file, "/\n\x00") || !strings.Contains(f.file, ".") || strings.ContainsAny(f.value, "\n\x00") || f.value == "" || isAct(f.file) {
			t.Errorf("writes %q to %q", f.value, f.file)
		}
	}
}
