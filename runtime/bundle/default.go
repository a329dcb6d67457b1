package bundle

import (
	"cmp"
	"hash/fnv"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// The host ids that containers get by default. They lie above everything that
// /etc/subuid files hand out (useradd stops at SUB_UID_MAX, 600100000) and above
// systemd's container range (to 1879048191), below the ids that systemd keeps
// for foreign images (from 2147352576) and below 2^31, where some file systems
// and programs go wrong (systemd, UIDS-GIDS). No account of the host has them,
// so a process that came out of its namespaces would own nothing there.
const (
	FirstHostID = 0x70000000 // 1879048192
	idRange     = 1 << 16    // container ids 0..65535: every one a distribution uses, nobody included
	idRanges    = 4094       // ranges that fit before 2147352576
)

// HostID picks the range of host ids for a container by its name, so that two
// containers hardly ever share ids. It is the same for the same name.
func HostID(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return FirstHostID + h.Sum32()%idRanges*idRange
}

// Options of Default. The zero value is what mini spec writes.
type Options struct {
	HostID   uint32              // first of the 65536 host ids; 0: FirstHostID
	Seccomp  *specs.LinuxSeccomp // nil: no filter; runtime/seccomp has one to give
	Args     []string            // nil: sh
	Terminal bool
	MaxFiles uint64 // the hard RLIMIT_NOFILE of the caller, which the default must not exceed; 0: not known

	// UIDs and GIDs are all the ids that the caller may map, for an ordinary
	// user: then HostID is not used. nil: the caller may map any.
	UIDs, GIDs []specs.LinuxIDMapping
}

// rootless says that the container will be an ordinary user's.
func (o Options) rootless() bool { return o.UIDs != nil }

// Default is a configuration that is safe for programs one does not know: every
// namespace of its own but time, no id of the host, no new privileges, few
// capabilities, no device but the harmless ones. Its root is the directory
// rootfs of the bundle.
func Default(o Options) *specs.Spec {
	return &specs.Spec{
		Version:  specs.Version,
		Process:  process(o),
		Root:     &specs.Root{Path: "rootfs"},
		Hostname: "mini",
		Mounts:   mounts(o),
		Linux: &specs.Linux{
			UIDMappings:   mapping(o, o.UIDs),
			GIDMappings:   mapping(o, o.GIDs),
			Resources:     resources(o),
			Namespaces:    namespaces(),
			Seccomp:       o.Seccomp,
			MaskedPaths:   masked(),
			ReadonlyPaths: readonly(),
		},
	}
}

func process(o Options) *specs.Process {
	p := &specs.Process{
		Terminal:        o.Terminal,
		Args:            o.Args,
		Env:             []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		Cwd:             "/",
		Capabilities:    capabilities(),
		Rlimits:         rlimits(o),
		NoNewPrivileges: true,
	}
	if len(p.Args) == 0 {
		p.Args = []string{"sh"}
	}
	if o.Terminal {
		p.Env = append(p.Env, "TERM=xterm")
	}
	return p
}

// mapping maps container root and those after it.
func mapping(o Options, own []specs.LinuxIDMapping) []specs.LinuxIDMapping {
	if o.rootless() {
		return own
	}
	return []specs.LinuxIDMapping{{HostID: cmp.Or(o.HostID, FirstHostID), Size: idRange}}
}

// namespaces is all but time: its clocks would be the host's anyway, and a time
// namespace costs an extra exec.
func namespaces() []specs.LinuxNamespace {
	return []specs.LinuxNamespace{
		{Type: specs.UserNamespace},
		{Type: specs.PIDNamespace},
		{Type: specs.NetworkNamespace},
		{Type: specs.IPCNamespace},
		{Type: specs.UTSNamespace},
		{Type: specs.MountNamespace},
		{Type: specs.CgroupNamespace},
	}
}

// mounts is the usual tree of a Linux system; the order matters.
func mounts(o Options) []specs.Mount {
	pts := []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}
	if maps(mapping(o, o.GIDs), tty) {
		pts = append(pts, "gid=5")
	}
	return []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: pts},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
	}
}

// tty is the group that owns terminals.
const tty = 5

func maps(list []specs.LinuxIDMapping, id uint32) bool {
	return slices.ContainsFunc(list, func(m specs.LinuxIDMapping) bool {
		return m.ContainerID <= id && id-m.ContainerID < m.Size
	})
}

// resources denies every device; the runtime adds the harmless ones that the
// specification names. An ordinary user may not load the program that does it,
// and needs none: mknod(2) is not to be had in a user namespace.
func resources(o Options) *specs.LinuxResources {
	if o.rootless() {
		return nil
	}
	return &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}}
}
