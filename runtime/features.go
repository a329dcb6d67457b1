package runtime

import (
	"maps"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/opencontainers/runtime-spec/specs-go/features"

	"mini/namespaces"
	"mini/rootfs"
	"mini/runtime/bundle"
	"mini/runtime/process"
	"mini/runtime/seccomp"
)

// Features is what this mini can do, whatever the host can (runtime-spec,
// features.md). All of it comes from the tables that the code itself uses.
func Features() features.Features {
	f := features.Features{
		OCIVersionMin: "1.0.0",
		OCIVersionMax: specs.Version,
		MountOptions:  rootfs.MountOptions(),
		Linux:         linuxFeatures(applied()),
		// mini gives no annotation a meaning; nil would be "not known".
		PotentiallyUnsafeConfigAnnotations: []string{},
	}
	for _, k := range hookKinds(&specs.Hooks{}) {
		f.Hooks = append(f.Hooks, k.kind)
	}
	return f
}

// applied says of every field of the specification whether mini applies it.
func applied() map[string]bool {
	m := map[string]bool{}
	for _, f := range bundle.Fields() {
		m[f.Pointer] = f.Verdict == bundle.Applied
	}
	return m
}

func linuxFeatures(applied map[string]bool) *features.Linux {
	is := func(pointer string) *bool { v := applied[pointer]; return &v }
	no, yes := false, true
	modes, flags := process.KnownMemoryPolicies()
	l := &features.Linux{
		Capabilities: process.KnownCaps(),
		Cgroup: &features.Cgroup{
			V1: &no, V2: &yes, Systemd: &yes, SystemdUser: &yes,
			Rdma: is("/linux/resources/rdma"),
		},
		Seccomp:  seccompFeatures(),
		Apparmor: &features.Apparmor{Enabled: is("/process/apparmorProfile")},
		Selinux:  &features.Selinux{Enabled: is("/process/selinuxLabel")},
		IntelRdt: &features.IntelRdt{
			Enabled: is("/linux/intelRdt"), Schemata: is("/linux/intelRdt/schemata"), Monitoring: is("/linux/intelRdt/enableMonitoring"),
		},
		MemoryPolicy:    &features.MemoryPolicy{Modes: modes, Flags: flags},
		MountExtensions: &features.MountExtensions{IDMap: &features.IDMap{Enabled: is("/mounts/*/uidMappings")}},
		NetDevices:      &features.NetDevices{Enabled: is("/linux/netDevices")},
	}
	for _, t := range namespaces.Types() {
		l.Namespaces = append(l.Namespaces, string(t))
	}
	return l
}

func seccompFeatures() *features.Seccomp {
	enabled, known := true, seccomp.Understood()
	s := &features.Seccomp{Enabled: &enabled, Actions: known.Actions, Operators: known.Operators, Archs: known.Archs}
	s.KnownFlags = slices.Sorted(maps.Keys(known.Flags))
	s.SupportedFlags = []string{}
	for _, name := range s.KnownFlags {
		if process.SupportsFilterFlags(known.Flags[name]) {
			s.SupportedFlags = append(s.SupportedFlags, name)
		}
	}
	return s
}
