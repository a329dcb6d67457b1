package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// TestRefusals: each setting that cannot be done is named by its pointer.
func TestRefusals(t *testing.T) {
	one := []specs.LinuxIDMapping{{Size: 1}}
	mounts := func(m ...specs.Mount) Config { return Config{Root: rootAt("r"), Mounts: m} }
	userns := func(m ...specs.Mount) Config {
		c := mounts(m...)
		c.UserNS, c.UIDMappings, c.GIDMappings = true, one, one
		return c
	}
	device := func(d specs.LinuxDevice) Config { return Config{Root: rootAt("r"), Devices: []specs.LinuxDevice{d}} }
	tests := []struct {
		want string
		Config
	}{
		{"/root/path", Config{}},
		{"/root/path", Config{Root: rootAt("")}},
		{"/root/path", Config{Root: rootAt("a\x00")}},
		{"/linux/mountLabel", Config{Root: rootAt("r"), MountLabel: "x"}},
		{"/linux/rootfsPropagation", Config{Root: rootAt("r"), Propagation: "public"}},
		{"/root/path", Config{Root: rootAt("r"), Overlay: &Overlay{}, Submounts: []string{"/elsewhere"}}},
		{"/root/path", Config{Root: rootAt("r"), Overlay: &Overlay{Layers: []string{""}}}},
		{"/mounts/0/destination", mounts(specs.Mount{Type: "tmpfs"})},
		{"/mounts/1/destination", mounts(procMount(), tmpfsAt("/"))},
		{"/mounts/0/destination", mounts(tmpfsAt("/x/.."))},
		{"/mounts/0/destination", mounts(tmpfsAt("/proc/self/attr"))},
		{"/mounts/0/type", mounts(specs.Mount{Destination: "/x"})},
		{"/mounts/0/source", mounts(specs.Mount{Destination: "/x", Type: "bind"})},
		{"/mounts/0/options/1", mounts(bindOf("/a", "/x", "bind", "readonly"))},
		{"/mounts/0/options/1", mounts(bindOf("/a", "/x", "bind", "sync"))},
		{"/mounts/0/options/0", mounts(specs.Mount{Destination: "/x", Type: "proc", Options: []string{"tmpcopyup"}})},
		{"/linux/mountLabel", Config{Root: rootAt("r"), MountLabel: "a:b:c:s0"}},
		{"/mounts/0/options", mounts(bindOf("/a", "/x", "bind", "idmap"))},
		{"/mounts/0/options", mounts(specs.Mount{Destination: "/x", Type: "tmpfs", Options: []string{"idmap"}})},
		{"/mounts/0/gidMappings", mounts(specs.Mount{Destination: "/x", Source: "/a", Options: []string{"bind"}, UIDMappings: one})},
		{"/mounts/0/uidMappings", mounts(specs.Mount{Destination: "/x", Source: "/a", Options: []string{"bind"}, GIDMappings: one})},
		{"/mounts/0/options", mounts(specs.Mount{Destination: "/x", Options: []string{"remount", "bind", "idmap"}})},
		{"/mounts/0/type", userns(procMount())},
		{"/mounts/0/type", userns(specs.Mount{Destination: "/dev/mqueue", Type: "mqueue"})},
		{"/mounts/0/options/1", userns(specs.Mount{Destination: "/dev/pts", Type: "devpts", Options: []string{"newinstance", "gid=5"}})},
		{"/linux/devices/0/path", device(specs.LinuxDevice{Type: "c"})},
		{"/linux/devices/0/path", device(specs.LinuxDevice{Type: "c", Path: "/proc/x"})},
		{"/linux/devices/0/type", device(specs.LinuxDevice{Type: "x", Path: "/dev/x"})},
		{"/linux/devices/0/major", device(specs.LinuxDevice{Type: "c", Path: "/dev/x", Major: 1 << 40})},
		{"/linux/devices/0/minor", device(specs.LinuxDevice{Type: "c", Path: "/dev/x", Minor: -1})},
		{"/linux/maskedPaths/1", Config{Root: rootAt("r"), MaskedPaths: []string{"/a", "b"}}},
		{"/linux/maskedPaths/0", Config{Root: rootAt("r"), MaskedPaths: []string{"/"}}},
		{"/linux/readonlyPaths/0", Config{Root: rootAt("r"), ReadonlyPaths: []string{""}}},
	}
	for _, tt := range tests {
		_, err := Plan(tt.Config, modern, new(int))
		var field *FieldError
		if !errors.As(err, &field) || field.Pointer() != tt.want {
			t.Errorf("got %v, want an error of %s", err, tt.want)
		}
	}
	steps, err := Plan(mounts(bindOf("/a", "/x", "bind", "mode=755")), modern, new(int))
	if err != nil || len(steps.Warnings) != 1 || steps.Warnings[0].Field != "/mounts/0/options/1" {
		t.Errorf("mode=755 on a bind: %v, warnings %v, want one of /mounts/0/options/1", err, steps.Warnings)
	}
	c := userns()
	c.Overlay = &Overlay{}
	if _, err := Plan(c, Facts{Privileged: true}, new(int)); err == nil || !strings.Contains(err.Error(), "5.19") {
		t.Errorf("an old kernel: got %v", err)
	}
	if _, err := Plan(mounts(bindOf("/a", "/x", "bind", "idmap")), Facts{}, new(int)); err == nil || !strings.Contains(err.Error(), "root on the host") {
		t.Errorf("an ordinary user: got %v", err)
	}
}

func TestFacts(t *testing.T) {
	for release, want := range map[string]Facts{
		"5.14.0-427.el9.x86_64": {}, "5.19": {IdmappedLayers: true}, "6.7.12": {IdmappedLayers: true},
		"6.8.0-31-generic": {IdmappedLayers: true, LowerdirPlus: true}, "10.0": {IdmappedLayers: true, LowerdirPlus: true},
		"": {}, "x": {}, "6": {IdmappedLayers: true}, "6-8": {IdmappedLayers: true}, "99999999999999999999.1": {IdmappedLayers: true, LowerdirPlus: true},
	} {
		if got := factsOf(parseRelease(release)); got != want {
			t.Errorf("%q: got %+v, want %+v", release, got, want)
		}
	}
	if _, err := Probe(); err != nil {
		t.Error(err)
	}
}

// TestEmptyCells: an operation whose predecessor was left out fails, and says
// what it misses.
func TestEmptyCells(t *testing.T) {
	c := variants()["binds"].Config
	c.MaskedPaths = []string{"/etc"}
	steps, err := Plan(c, modern, new(int))
	if err != nil {
		t.Fatal(err)
	}
	touchesHost := func(op Op) bool { // by their own right, without a cell
		switch op.(type) {
		case *setPropagation, *makeScratch, *dropScratch, *detachOld, *openTree, *makeUserNS, *mountFS:
			return true
		}
		return false
	}
	for _, op := range slices.Concat(steps.Open, steps.Mount, steps.Pivot, steps.Seal) {
		if touchesHost(op) {
			continue
		}
		if err := op.Do(); err == nil {
			t.Errorf("%s: done, with nothing to do it on", op)
		}
	}
	if err := steps.Sources.Fill(make([]*os.File, 1)); err == nil {
		t.Error("one source was taken for many")
	}
	for _, f := range steps.Sources.Files() {
		if f != nil {
			t.Error("a source is open")
		}
	}
	steps.Sources.Close()
}

// TestShellQuoting: names of the configuration stay words in the script.
func TestShellQuoting(t *testing.T) {
	for in, want := range map[string]string{
		"": "''", "/a-b_c.d:e,f=g": "/a-b_c.d:e,f=g", "a b": "'a b'", "$(x)": "'$(x)'", "it's": `'it'\''s'`, "a\nb": "'a\nb'", "*": "'*'", "~": "'~'",
	} {
		if got := quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// checkPlan holds what must be true of every plan.
func checkPlan(s Steps) error {
	if len(s.Pivot) != 2 || s.Pivot[0].String() != "pivot_root . ." || s.Pivot[1].String() != "umount . (MNT_DETACH)" {
		return fmt.Errorf("the pivot does not come first in its stage: %v", s.Pivot)
	}
	for _, op := range s.Seal {
		switch op.(type) {
		case *mask, *readonlyPath, *rootAttrs:
		default:
			return fmt.Errorf("%T after the pivot", op)
		}
	}
	if needsGo(s) != s.NeedsGo {
		return fmt.Errorf("NeedsGo is %v", s.NeedsGo)
	}
	slots := map[*slot]bool{}
	for _, slot := range s.Sources.slots {
		slots[slot] = true
	}
	for _, op := range slices.Concat(s.Open, s.Mount) {
		switch o := op.(type) {
		case *mask, *readonlyPath, *rootAttrs, *pivotRoot, *detachOld:
			return fmt.Errorf("%T before the pivot", op)
		case *openTree:
			if !path.IsAbs(o.path) {
				return fmt.Errorf("%s is opened by a relative path", o.path)
			}
			slots[o.to] = true
		case *bindMount:
			if !slots[o.from] && o.name != "overlay" {
				return fmt.Errorf("%s was not opened before", o)
			}
		}
	}
	for _, op := range slices.Concat(s.Open, s.Mount, s.Pivot, s.Seal) {
		if dest := destination(op); dest != path.Clean("/"+dest) || slices.Contains(strings.Split(dest, "/"), "..") {
			return fmt.Errorf("%s: destination %q", op, dest)
		}
		if op.Why() == "" || op.String() == "" {
			return fmt.Errorf("%T says nothing", op)
		}
	}
	return nil
}

func destination(op Op) string {
	switch o := op.(type) {
	case *mountFS:
		return o.dest
	case *bindMount:
		return o.dest
	case *remount:
		return o.dest
	case *makeNode:
		return o.path
	case *bindNode:
		return o.path
	case *symlink:
		return o.path
	case *mask:
		return o.path
	case *readonlyPath:
		return o.path
	case *mountOverlay:
		return o.dest
	}
	return "/"
}

func FuzzPlan(f *testing.F) {
	f.Add("rootfs", "/proc", "proc", "proc", "nosuid,noexec", "/dev/x", "/proc/kcore", "", uint16(0xffff))
	f.Add("/", "../../etc", "bind", "./src", "rbind,ro,idmap", "../dev/x", "/a/../../b", "shared", uint16(0x55))
	f.Add("r", "/var", "tmpfs", "tmpfs", "tmpcopyup", "/dev/x", "/x", "", uint16(0x27d))
	f.Add("r", "/var", "tmpfs", "tmpfs", "mode=700", "/dev/x", "/x", "", uint16(0x7e))
	f.Add("r", "/sys", "sysfs", "sysfs", "ro", "/dev/null", "/x", "private", uint16(0x203))
	f.Fuzz(func(t *testing.T, root, dest, fstype, source, list, node, masked, propagation string, bits uint16) {
		bit := func(n int) bool { return bits&(1<<n) != 0 }
		c := Config{
			Bundle: "/b", Root: &specs.Root{Path: root, Readonly: bit(0)},
			Mounts:      []specs.Mount{{Destination: dest, Type: fstype, Source: source, Options: strings.Split(list, ",")}, procMount()},
			Devices:     []specs.LinuxDevice{{Path: node, Type: "c"}},
			MaskedPaths: []string{masked, "/proc/kcore"}, ReadonlyPaths: []string{masked}, Propagation: propagation,
			UserNS: bit(1), NetNS: bit(2), IPCNS: bit(3), CgroupNS: bit(4), PidNS: bit(5), DefaultDevices: bit(6),
		}
		if bit(7) {
			c.Overlay = &Overlay{Layers: []string{source}}
		}
		if bit(8) && c.Overlay != nil {
			c.Overlay.Upper = source
		}
		facts := Facts{Privileged: bit(9), LowerdirPlus: bit(10), IdmappedLayers: true}
		a, err := Plan(c, facts, new(int))
		b, again := Plan(c, facts, new(int))
		if fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("two plans differ: %v, %v", err, again)
		}
		if err != nil {
			var field *FieldError
			if !errors.As(err, &field) || field.Field[0] != '/' {
				t.Fatalf("an error without a pointer: %v", err)
			}
			return
		}
		if show(a) != show(b) {
			t.Fatal("two plans differ")
		}
		if err := checkPlan(a); err != nil {
			t.Fatal(err)
		}
	})
}
