package rootfs

import (
	"fmt"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

var modern = Facts{Privileged: true, LowerdirPlus: true, IdmappedLayers: true}

// show writes a plan as people would want to read it.
func show(s Steps) string {
	var b strings.Builder
	for _, stage := range []struct {
		name string
		ops  []Op
	}{{"open", s.Open}, {"mount", s.Mount}, {"pivot", s.Pivot}, {"seal", s.Seal}} {
		fmt.Fprintf(&b, "%s:\n", stage.name)
		for _, op := range stage.ops {
			fmt.Fprintf(&b, "  %-60s  # %s [%s]\n", op, op.Why(), op.Field())
			for line := range strings.Lines(op.Shell()) {
				fmt.Fprintf(&b, "      $ %s\n", strings.TrimSuffix(line, "\n"))
			}
		}
	}
	fmt.Fprintf(&b, "%d sources\n", len(s.Sources.Files()))
	return b.String()
}

// variants are the configurations with a golden plan.
func variants() map[string]struct {
	Config
	Facts
} {
	type variant = struct {
		Config
		Facts
	}
	plain := fullConfig("rootfs")
	plain.Bundle = "/bundle"
	userns := plain
	userns.UserNS = true
	rootless := userns
	rootless.CgroupNS = false
	engine := plain
	engine.Overlay, engine.CgroupNS, engine.CgroupPath = nil, false, "/sys/fs/cgroup/mini/x"
	engine.Root = &specs.Root{Path: "/var/lib/engine/x y", Readonly: true}
	engine.Propagation = "shared"
	binds := Config{Bundle: "/bundle", Root: rootAt("rootfs"), UserNS: true,
		Overlay: &Overlay{Layers: []string{"/layers/a:b", "top"}, Upper: "/keep", Size: 0},
		Mounts: []specs.Mount{
			{Destination: "/data", Source: "./src", Options: []string{"rbind", "ro", "rprivate"}},
			{Destination: "etc/it's", Source: "/etc/hosts", Options: []string{"bind", "rro", "noexec"}},
			{Destination: "/own", Source: "/srv", Type: "bind", Options: []string{"idmap"}},
			{Destination: "/maps", Source: "/srv", Options: []string{"rbind", "ridmap"},
				UIDMappings: []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1000, Size: 1}},
				GIDMappings: []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1000, Size: 1}, {ContainerID: 1, HostID: 2000, Size: 7}}},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "ro"}},
			{Destination: "/data", Options: []string{"remount", "bind", "nodev"}},
		},
		Devices: []specs.LinuxDevice{{Path: "/dev/fuse", Type: "c", Major: 10, Minor: 229}, {Path: "/run/fifo", Type: "p"}},
	}
	host := Config{Bundle: "/", Root: rootAt("/"), Overlay: &Overlay{Size: 1 << 20}, Submounts: []string{"/home", "/home/big"}}
	return map[string]variant{
		"plain": {plain, modern}, "userns": {userns, modern}, "rootless": {rootless, Facts{LowerdirPlus: true}},
		"engine": {engine, modern}, "binds": {binds, modern}, "host": {host, modern},
		"old": {plain, Facts{Privileged: true}},
	}
}

func TestGolden(t *testing.T) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			steps, err := Plan(v.Config, v.Facts, new(int))
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, name+".plan", show(steps))
		})
	}
}
