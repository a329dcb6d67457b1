package runtime

import (
	"reflect"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/namespaces"
)

func grantOf(ranges ...namespaces.Range) namespaces.Grant {
	return namespaces.Grant{Helper: "/usr/bin/newuidmap", Ranges: ranges}
}

func TestMaps(t *testing.T) {
	one := func(own uint32) specs.LinuxIDMapping { return specs.LinuxIDMapping{HostID: own, Size: 1} }
	row := func(inside, first, size uint32) specs.LinuxIDMapping {
		return specs.LinuxIDMapping{ContainerID: inside, HostID: first, Size: size}
	}
	type maps = []specs.LinuxIDMapping
	for _, tt := range []struct {
		name       string
		facts      namespaces.Facts
		uids, gids maps
	}{
		{"nothing granted", namespaces.Facts{UID: 7, GID: 8}, maps{one(7)}, maps{one(8)}},
		{"no groups granted", namespaces.Facts{UID: 7, GID: 8, UIDs: grantOf(namespaces.Range{First: 100, Count: 9})}, maps{one(7)}, maps{one(8)}},
		{"no helper", namespaces.Facts{UID: 7, GID: 8, UIDs: grantOf(namespaces.Range{First: 1, Count: 1}),
			GIDs: namespaces.Grant{Ranges: []namespaces.Range{{First: 1, Count: 1}}}}, maps{one(7)}, maps{one(8)}},
		{"both", namespaces.Facts{UID: 7, GID: 8,
			UIDs: grantOf(namespaces.Range{First: 100000, Count: 65536}),
			GIDs: grantOf(namespaces.Range{First: 500, Count: 10}, namespaces.Range{First: 200000, Count: 1 << 20})},
			maps{one(7), row(1, 100000, 65535)}, maps{one(8), row(1, 500, 10), row(11, 200000, 65525)}},
	} {
		uids, gids := Facts{Namespaces: tt.facts}.Maps()
		if !reflect.DeepEqual(uids, tt.uids) || !reflect.DeepEqual(gids, tt.gids) {
			t.Errorf("%s: got %v, %v", tt.name, uids, gids)
		}
	}
}

func TestGroupPath(t *testing.T) {
	for _, tt := range []struct{ base, configured, want string }{
		{"/", "", "/mini/box"},
		{"", "", "/mini/box"},
		{"/user.slice/run-1.scope", "", "mini/box"},
		{"/user.slice/run-1.scope", "/elsewhere", "/elsewhere"},
	} {
		p := &Plan{config: Config{ID: "box", Spec: &specs.Spec{Linux: &specs.Linux{CgroupsPath: tt.configured}}}, facts: Facts{Cgroups: cgroups.Facts{Base: tt.base}}}
		if got := p.groupPath(); got != tt.want {
			t.Errorf("base %q: got %s, want %s", tt.base, got, tt.want)
		}
	}
}

// TestDeviceRules: left out, with a warning, only where they cannot be had and
// are not needed.
func TestDeviceRules(t *testing.T) {
	user := []specs.LinuxNamespace{{Type: specs.UserNamespace}}
	for _, tt := range []struct {
		name       string
		privileged bool
		namespaces []specs.LinuxNamespace
		kept       bool
	}{
		{"root", true, user, true},
		{"ordinary user", false, user, false},
		{"without a user namespace", false, nil, true},
	} {
		spec := &specs.Spec{Linux: &specs.Linux{Namespaces: tt.namespaces, Resources: &specs.LinuxResources{
			Devices: []specs.LinuxDeviceCgroup{{Access: "rwm"}}, Pids: &specs.LinuxPids{}}}}
		p := &Plan{config: Config{Spec: spec}}
		p.facts.Rootfs.Privileged = tt.privileged
		r := p.resources()
		if kept := len(r.Devices) > 0; kept != tt.kept || kept == (len(p.Warnings) > 0) || r.Pids == nil || len(spec.Linux.Resources.Devices) != 1 {
			t.Errorf("%s: kept %v, warnings %v", tt.name, kept, p.Warnings)
		}
	}
}

func TestDenySetgroups(t *testing.T) {
	own := []specs.LinuxIDMapping{{HostID: 8, Size: 1}}
	for _, tt := range []struct {
		name string
		ns   specs.LinuxNamespace
		gids []specs.LinuxIDMapping
		want bool
	}{
		{"one's own group", specs.LinuxNamespace{Type: specs.UserNamespace}, own, true},
		{"granted groups", specs.LinuxNamespace{Type: specs.UserNamespace}, append(own, specs.LinuxIDMapping{ContainerID: 1, HostID: 100, Size: 1}), false},
		{"another's namespace", specs.LinuxNamespace{Type: specs.UserNamespace, Path: "/x"}, nil, false},
		{"none", specs.LinuxNamespace{Type: specs.PIDNamespace}, nil, false},
	} {
		p := &Plan{config: Config{Spec: &specs.Spec{Linux: &specs.Linux{Namespaces: []specs.LinuxNamespace{tt.ns}, GIDMappings: tt.gids}}}}
		p.facts.Namespaces.GID = 8
		if got := p.denySetgroups(); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

func TestDoctorForOrdinaryUsers(t *testing.T) {
	var f Facts
	f.Namespaces.UIDs = grantOf(namespaces.Range{First: 100, Count: 10})
	f.Namespaces.GIDs.Lack = "newgidmap is not installed"
	var got []string
	for _, c := range ordinary(f) {
		got = append(got, c.Verdict+" "+c.Name+": "+c.Text)
	}
	for i, want := range []string{"ok user ids: containers can have 11: 0, 100 to 109,", "limited group ids: containers have one, root, which is 0 here: newgidmap is not installed", "limited delegated cgroup: none"} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("got %q, want %q", got[i], want)
		}
	}
}
