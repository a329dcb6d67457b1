package rootfs

import (
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// fullConfig is what an engine would ask for, about.
func fullConfig(root string) Config {
	return Config{
		Root:    rootAt(root),
		Overlay: &Overlay{},
		Mounts: []specs.Mount{
			procMount(),
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
			{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
			{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
			{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
			{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
		},
		MaskedPaths: []string{"/proc/acpi", "/proc/kcore", "/proc/cmdline", "/proc/fs", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
			"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"},
		ReadonlyPaths: []string{"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		PidNS:         true, NetNS: true, IPCNS: true, CgroupNS: true,
		DefaultDevices: true,
		UIDMappings:    []specs.LinuxIDMapping{{HostID: idBase, Size: 65536}},
		GIDMappings:    []specs.LinuxIDMapping{{HostID: idBase, Size: 65536}},
	}
}

func TestDefault(t *testing.T) {
	for _, userns := range []bool{false, true} {
		t.Run(map[bool]string{false: "plain", true: "userns"}[userns], func(t *testing.T) {
			c := fullConfig(makeRoot(t))
			c.UserNS = userns
			c.Root.Readonly = true
			testDefault(t, c)
		})
	}
}

func testDefault(t *testing.T, c Config) {
	got := box{Config: c, flags: unix.CLONE_NEWUTS}.in(t,
		"write /x y", "write /dev/null x", "read /dev/zero/x", "link /dev/ptmx", "read /proc/cmdline",
		"ls /sys/firmware", "write /sys/firmware/x y", "write /proc/sys/kernel/hostname x", "write /dev/shm/x y",
		"link /dev/stdin", "stat /dev/shm", "ls /proc/fs")
	expect(t, got, "EROFS", "ok", "ENOTDIR", "pts/ptmx", "",
		"", "EROFS", "EROFS", "ok",
		"/proc/self/fd/0", "41777 0:0", "")
	masked := "devtmpfs ro,nosuid,noexec,relatime"
	if c.UserNS { // a clone of /dev/null, which is nobody's there
		masked = "devtmpfs rw,relatime"
	}
	got = box{Config: c}.in(t, "mount /proc", "mount /dev", "mount /dev/pts", "mount /dev/shm", "mount /dev/mqueue",
		"mount /sys", "mount /sys/fs/cgroup", "mount /proc/sys", "mount /proc/cmdline", "mount /", "mounts")
	for i, want := range []string{
		"proc rw,nosuid,nodev,noexec,relatime", "tmpfs rw,nosuid", "devpts rw,nosuid,noexec,relatime",
		"tmpfs rw,nosuid,nodev,noexec,relatime", "mqueue rw,nosuid,nodev,noexec,relatime",
		"sysfs ro,nosuid,nodev,noexec,relatime", "cgroup2 ro,nosuid,nodev,noexec,relatime",
		"proc ro,nosuid,nodev,noexec,relatime", masked, "overlay ro,relatime",
	} {
		if got[i] != want {
			t.Errorf("mount %d: got %q, want %q", i, got[i], want)
		}
	}
	if n := strings.Count(got[10], "\n"); n > 40 {
		t.Errorf("%d mounts, the host's among them:\n%s", n, got[10])
	}
	for line := range strings.Lines(got[10]) {
		if strings.Contains(line, " / rw") && strings.Contains(line, "ext4") {
			t.Errorf("a host mount is still there: %s", line)
		}
	}
}
