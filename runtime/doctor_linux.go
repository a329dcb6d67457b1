package runtime

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"mini/cgroups"
)

// Check is one thing that mini needs of the host.
type Check struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"` // ok, limited or missing
	Text    string `json:"text"`
	Fix     string `json:"fix,omitempty"`
}

// The verdicts of a Check: limited means that mini runs, but not all it can do.
const (
	ok      = "ok"
	limited = "limited"
	missing = "missing"
)

// Doctor looks at the host as a start would, and at what explains the
// failures that a start can meet.
func Doctor(f Facts) []Check {
	checks := []Check{kernel(), privileges()}
	checks = append(checks, controllers(f.Cgroups)...)
	if f.Rootless() {
		checks = append(checks, ordinary(f)...)
	}
	return append(checks, userNamespaces(), overlay(), seccompActions(), modules())
}

func kernel() Check {
	c := Check{Name: "kernel", Verdict: ok, Text: release()}
	var major, minor int
	if _, err := fmt.Sscanf(c.Text, "%d.%d", &major, &minor); err != nil || major < 5 || major == 5 && minor < 14 {
		c.Verdict, c.Fix = missing, "mini needs Linux 5.14 (cgroup.kill)"
	}
	return c
}

func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err.Error()
	}
	return unix.ByteSliceToString(u.Release[:])
}

// wanted are the capabilities that some settings need of the host.
var wanted = [...]struct {
	bit  uint
	name string
	what string
}{
	{unix.CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "mounts and namespaces"},
	{unix.CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", "raising hard rlimits, lowering oom_score_adj"},
	{unix.CAP_MKNOD, "CAP_MKNOD", "device nodes"},
	{unix.CAP_SETUID, "CAP_SETUID", "id maps"},
	{unix.CAP_BPF, "CAP_BPF", "device rules"},
}

func privileges() Check {
	c := Check{Name: "privileges", Verdict: ok, Text: fmt.Sprintf("uid %d", os.Geteuid())}
	var held [2]unix.CapUserData
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&head, &held[0]); err != nil {
		return Check{c.Name, missing, err.Error(), ""}
	}
	for _, w := range wanted {
		if held[w.bit/32].Effective&(1<<(w.bit%32)) == 0 {
			c.Verdict = limited
			c.Text += ", no " + w.name + " (" + w.what + ")"
		}
	}
	if os.Geteuid() != 0 {
		c.Fix = "none is needed for containers of your own ids; sudo mini for others"
	}
	return c
}

// controllers tells which limits can be set.
func controllers(f cgroups.Facts) []Check {
	c := Check{Name: "cgroups", Verdict: ok, Text: string(f.Mode) + " at " + f.Mountpoint}
	if f.Mode != cgroups.Unified {
		c.Verdict, c.Text, c.Fix = limited, withoutControllers(f), "boot with systemd.unified_cgroup_hierarchy=1 on the kernel's command line: then there is cgroup v2 only"
		return []Check{c}
	}
	checks := []Check{c}
	for _, name := range []string{"cpu", "memory", "pids", "io", "cpuset", "hugetlb"} {
		checks = append(checks, controller(f, name))
	}
	return checks
}

// withoutControllers tells what a host with cgroup v1 is good for.
func withoutControllers(f cgroups.Facts) string {
	const limits = "a limit (--memory, --cpus, --pids-limit) is an error"
	if f.Mode == cgroups.Hybrid && f.Base != "" {
		return "hybrid: containers run, but cgroup v1 has the controllers: " + limits + ", and memory is not counted; " +
			"what needs no controller, as pause, works by cgroup v2 at " + f.Mountpoint
	}
	return string(f.Mode) + ": containers run, but there is no cgroup v2 to use: " + limits + ", nothing is counted, and nothing can be paused"
}

func controller(f cgroups.Facts, name string) Check {
	for _, c := range f.Controllers {
		if c == name {
			return Check{"controller " + name, ok, "limits of this kind can be set", ""}
		}
	}
	return Check{"controller " + name, limited, "not in " + f.Mountpoint + "/cgroup.controllers: a limit that needs it is an error",
		"it may be disabled (cgroup_disable= on the kernel's command line), bound to cgroup v1, or not delegated to this cgroup namespace"}
}

func userNamespaces() Check {
	c := Check{Name: "user namespaces", Verdict: ok, Text: "up to " + read("/proc/sys/user/max_user_namespaces") + " for each user"}
	switch {
	case read("/proc/sys/user/max_user_namespaces") == "0":
		c.Verdict, c.Fix = missing, "sysctl user.max_user_namespaces=10000"
	case os.Geteuid() == 0:
	case read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
		c.Verdict, c.Fix = missing, "sysctl kernel.unprivileged_userns_clone=1"
	case read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
		c.Verdict, c.Fix = missing, "an AppArmor profile that allows mini userns, or sysctl kernel.apparmor_restrict_unprivileged_userns=0"
	}
	return c
}

func overlay() Check {
	if strings.Contains(read("/proc/filesystems"), "\toverlay") {
		return Check{"overlay", ok, "each container can have a copy-on-write view of its root", ""}
	}
	return Check{"overlay", limited, "not in /proc/filesystems (yet: it may be a module), so containers cannot have a copy-on-write view of their root", "modprobe overlay, or run with --overlay off, which changes the root itself"}
}

func seccompActions() Check {
	if actions := read("/proc/sys/kernel/seccomp/actions_avail"); actions != "" {
		return Check{"seccomp", ok, actions, ""}
	}
	return Check{"seccomp", missing, "no /proc/sys/kernel/seccomp/actions_avail", "a kernel with CONFIG_SECCOMP_FILTER"}
}

func modules() Check {
	c := Check{Name: "security modules", Verdict: ok, Text: read("/sys/kernel/security/lsm")}
	if c.Text == "" {
		c.Text = "unknown: /sys/kernel/security is not mounted"
	}
	return c
}

// read gives a small file's content on one line, "" if there is none.
func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(data), "\n")
}
