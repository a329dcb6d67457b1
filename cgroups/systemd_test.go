package cgroups

import (
	"errors"
	"path"
	"reflect"
	"strings"
	"testing"

	"mini/hack/golden"
)

func TestParseUnit(t *testing.T) {
	for _, c := range []struct{ path, id, at, slice string }{
		{"", "abc", "/system.slice/mini-abc.scope", "system.slice"},
		{"::x", "", "/system.slice/x.scope", "system.slice"},
		{"system.slice:docker:0123", "", "/system.slice/docker-0123.scope", "system.slice"},
		{"-.slice:cri:x", "", "/cri-x.scope", "-.slice"},
		{"kubepods-besteffort-pod1.slice:cri-containerd:x", "",
			"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cri-containerd-x.scope", "kubepods-besteffort-pod1.slice"},
		{"machine.slice:libpod:a@b.c", "", "/machine.slice/libpod-a@b.c.scope", "machine.slice"},
		{"a.slice::a-b.slice", "", "/a.slice/a-b.slice", "a.slice"},
	} {
		u, err := parseUnit(c.path, c.id, defaultSlice)
		if err != nil || u.path() != c.at || u.slice != c.slice {
			t.Errorf("%q: got %s in %s, %v, want %s in %s", c.path, u.path(), u.slice, err, c.at, c.slice)
		}
	}
}

func TestParseUnitRefuses(t *testing.T) {
	for _, path := range []string{
		"/mini/abc", "a:b", "a:b:c:d", "::", "a.slice:b:", "a:b:c", ".slice:b:c", "a--b.slice:x:y", "-a.slice:x:y",
		"a-.slice:x:y", "a/b.slice:x:y", "a.slice:b/c:d", "a.slice:b:c d", "a.slice:b:\n", "::-.slice", "::a--b.slice",
		"a.slice:b:" + strings.Repeat("x", 256),
	} {
		u, err := parseUnit(path, "id", defaultSlice)
		var field *FieldError
		if !errors.As(err, &field) || field.Field != "/linux/cgroupsPath" {
			t.Errorf("%q: got %+v, %v", path, u, err)
		}
	}
}

func TestObjectPath(t *testing.T) {
	if got, want := objectPath("1mini-a.scope"), "/org/freedesktop/systemd1/unit/_31mini_2da_2escope"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnitProperty(t *testing.T) {
	for _, c := range []struct {
		file, value string
		want        []property
	}{
		{"memory.max", "1024", []property{{"MemoryMax", uint64(1024)}}},
		{"memory.swap.max", "max", []property{{"MemorySwapMax", uint64(infinity)}}},
		{"memory.max", "20M", nil},
		{"memory.oom.group", "1", nil},
		{"cpu.weight", "50", []property{{"CPUWeight", uint64(50)}}},
		{"cpu.idle", "1", nil},
		{"cpu.max", "50000 100000", []property{{"CPUQuotaPerSecUSec", uint64(500000)}, {"CPUQuotaPeriodUSec", uint64(100000)}}},
		{"cpu.max", "1000 3000", []property{{"CPUQuotaPerSecUSec", uint64(333334)}, {"CPUQuotaPeriodUSec", uint64(3000)}}},
		{"cpu.max", "max 20000", []property{{"CPUQuotaPerSecUSec", uint64(infinity)}, {"CPUQuotaPeriodUSec", uint64(20000)}}},
		{"cpu.max", "7000", []property{{"CPUQuotaPerSecUSec", uint64(70000)}, {"CPUQuotaPeriodUSec", uint64(100000)}}},
		{"cpu.max", "7000 0", nil},
		{"cpu.max", "", nil},
		{"io.weight", "default 910", []property{{"IOWeight", uint64(910)}}},
		{"io.weight", "8:0 910", nil},
		{"pids.max", "0", []property{{"TasksMax", uint64(1)}}},
		{"cpuset.cpus", "0-2,9", []property{{"AllowedCPUs", []byte{0x07, 0x02}}}},
		{"cpuset.mems", "0", []property{{"AllowedMemoryNodes", []byte{0x01}}}},
		{"cpuset.cpus", "0-99999999", nil},
		{"cpuset.cpus", "x", nil},
	} {
		if got := unitProperty(c.file, c.value); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %v, want %v", c.file, c.value, got, c.want)
		}
	}
}

func TestPlanSystemdGolden(t *testing.T) {
	s, err := Plan(Config{
		Path:      "kubepods-pod1.slice:cri:abc",
		Resources: resources(t, `{"memory":{"limit":33554432},"cpu":{"shares":512,"cpus":"0-1"},"blockIO":{"weight":500},"pids":{"limit":64}}`),
		Systemd:   &Systemd{ID: "abc", Description: "a test", Keeper: new(int)},
	}, host())
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "systemd.golden", render(s))
}

// TestUpdateSystemd: the unit changes after a check that may refuse, and before
// the files, of which not all values are systemd's.
func TestUpdateSystemd(t *testing.T) {
	ops, err := Update(Config{
		Resources: resources(t, `{"memory":{"limit":4096,"checkBeforeUpdate":true},"pids":{"limit":0}}`), Systemd: &Systemd{},
	}, host(), &Group{path: "/sys/fs/cgroup/system.slice/mini-a.scope"})
	if err != nil {
		t.Fatal(err)
	}
	wantOps(t, ops,
		"enable +memory +pids in /sys/fs/cgroup", "enable +memory +pids in /sys/fs/cgroup/system.slice",
		"check memory.current <= 4096", "systemd: set mini-a.scope MemoryMax=4096 TasksMax=1",
		"write 4096 > memory.max", "write 0 > pids.max",
	)
}

func TestPlanSystemdRefuses(t *testing.T) {
	for _, f := range []Facts{
		{Mode: Hybrid, Mountpoint: "/sys/fs/cgroup/unified", Base: "/"},
		{Mode: Unified, Mountpoint: "/sys/fs/cgroup", Base: "/user.slice/x"},
	} {
		if _, err := Plan(Config{Systemd: &Systemd{ID: "abc"}}, f); !errors.Is(err, ErrNoCgroup) {
			t.Errorf("%+v: got %v", f, err)
		}
	}
}

func TestScopeWantsAKeeper(t *testing.T) {
	u, _ := parseUnit("", "abc", defaultSlice)
	if err := (&scope{unit: u, systemd: Systemd{Keeper: new(int)}}).Do(); err == nil {
		t.Error("no error")
	}
}

// TestPlanSystemdOfUser: below the user's systemd, which first takes in a mini
// that is outside.
func TestPlanSystemdOfUser(t *testing.T) {
	const home = "/user.slice/user-7.slice/user@7.service"
	for own, first := range map[string]string{
		"/user.slice/user-7.slice/session-1.scope": "systemd: start a scope of the user's for mini itself",
		home + "/app.slice/x.scope":                "systemd: start mini-abc.scope in user.slice",
	} {
		f := Facts{Mode: Unified, Mountpoint: "/sys/fs/cgroup", Own: own, User: home, UserControllers: []string{"memory"}}
		s, err := Plan(Config{Systemd: &Systemd{ID: "abc", Keeper: new(int)}}, f)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Prepare[0].String(); got != first {
			t.Errorf("from %s: the first step is %q, want %q", own, got, first)
		}
		if got, want := s.Group.Path(), "/sys/fs/cgroup"+home+"/user.slice/mini-abc.scope"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		_, err = Plan(Config{Systemd: &Systemd{ID: "abc"}, Resources: resources(t, `{"cpu":{"shares":512}}`)}, f)
		if err == nil || !strings.Contains(err.Error(), "cpu") {
			t.Errorf("a controller that the user's systemd has not: %v", err)
		}
	}
}

// FuzzParseUnit: a unit that is accepted has a cgroup of its own below its slice,
// at a path that has no way up.
func FuzzParseUnit(f *testing.F) {
	for _, path := range []string{"", "system.slice:docker:0123", "a-b.slice:x:y", "a.slice::a-b.slice", "..slice:.:.", "-.slice::-a.slice"} {
		f.Add(path, "id")
	}
	f.Fuzz(func(t *testing.T, text, id string) {
		u, err := parseUnit(text, id, defaultSlice)
		var field *FieldError
		if err != nil {
			if !errors.As(err, &field) {
				t.Errorf("no field: %v", err)
			}
			return
		}
		at := u.path()
		if at == "/" || !strings.HasPrefix(at, "/") || path.Clean(at) != at || path.Base(at) != u.name || len(u.name) > 255 {
			t.Errorf("%q is %q in %q, at %q", text, u.name, u.slice, at)
		}
	})
}
