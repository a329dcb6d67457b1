package bundle

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

func TestDefault(t *testing.T) {
	filter := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno}
	own := []specs.LinuxIDMapping{{HostID: 1000, Size: 1}}
	granted := append(own, specs.LinuxIDMapping{ContainerID: 1, HostID: 100000, Size: 65535})
	tests := map[string]Options{
		"default.json":  {Seccomp: filter},
		"rootless.json": {UIDs: own, GIDs: []specs.LinuxIDMapping{{HostID: 1001, Size: 1}}, MaxFiles: 512},
		"granted.json":  {UIDs: granted, GIDs: granted},
		"options.json":  {HostID: 7, Args: []string{"echo", "<&>"}, Terminal: true, MaxFiles: 2048},
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			raw, err := Encode(Default(o))
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, name, string(raw))
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, ConfigName), raw, 0o600); err != nil {
				t.Fatal(err)
			}
			b, err := Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Warnings) > 0 {
				t.Errorf("it loads with warnings: %v", b.Warnings)
			}
			if f := Check(b.Spec); len(f) > 0 {
				t.Errorf("Check finds %v", f)
			}
			if !reflect.DeepEqual(b.Spec, Default(o)) {
				t.Errorf("got %+v after a round trip", b.Spec)
			}
		})
	}
}

// Default shares nothing between its results, nor between its capability sets.
func TestDefaultIsFresh(t *testing.T) {
	a := Default(Options{})
	a.Process.Capabilities.Effective[0] = "CAP_SYS_ADMIN"
	a.Linux.MaskedPaths[0] = "/x"
	if b := Default(Options{}); slices.Contains(b.Process.Capabilities.Effective, "CAP_SYS_ADMIN") || b.Linux.MaskedPaths[0] == "/x" {
		t.Error("a change of one default shows in the next")
	}
	if a.Process.Capabilities.Bounding[0] == "CAP_SYS_ADMIN" {
		t.Error("the capability sets share their memory")
	}
}

func TestHostID(t *testing.T) {
	if HostID("a") == HostID("b") || HostID("a") != HostID("a") {
		t.Error("want a range for each name, always the same")
	}
	for _, name := range []string{"", "a", "web", "db-1"} {
		id := HostID(name)
		if id < FirstHostID || uint64(id)+idRange > 2147352576 || id%idRange != 0 {
			t.Errorf("%q: %d is out of the ranges", name, id)
		}
	}
}

// Freeze writes what encoding/json writes, to the byte.
func TestFreeze(t *testing.T) {
	odd := full()
	odd.Process.Args, odd.Mounts, odd.Annotations = []string{}, nil, map[string]string{"b": "<", "a": "\xff\x7f\n"}
	specials := map[string]*specs.Spec{"default": Default(Options{}), "every field": full(), "empty": {}, "odd": odd}
	for name, spec := range specials {
		t.Run(name, func(t *testing.T) { frozen(t, spec) })
	}
	odd.Windows.CredentialSpec = func() {}
	if _, err := Freeze(odd); err == nil {
		t.Error("got no error for what JSON cannot say")
	}
}
