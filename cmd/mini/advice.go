package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"mini/runtime"
	"mini/runtime/state"
)

// failure is an error as the table of advice looks at it.
type failure struct {
	err   error
	step  string // as in the plan, "" if no step failed
	field string // JSON pointer, or ""
	root  bool   // we are
}

func (f failure) is(targets ...error) bool {
	for _, t := range targets {
		if errors.Is(f.err, t) {
			return true
		}
	}
	return false
}

func (f failure) doing(step string) bool { return strings.HasPrefix(f.step, step) }
func (f failure) at(field string) bool   { return strings.HasPrefix(f.field, field) }

// table is all the advice there is: for each kind of failure the likeliest
// fix, the special before the general. Only this file talks to people about
// what to do; the packages say what happened.
func table() []struct {
	when func(failure) bool
	fix  string
} {
	return []struct {
		when func(failure) bool
		fix  string
	}{
		{func(f failure) bool { return f.is(state.ErrExists) },
			"`mini list` shows it, `mini delete --force ID` clears it away; without --name a free name is made up"},
		{func(f failure) bool { return f.is(state.ErrNotFound) }, "`mini list` shows those there are"},
		{func(f failure) bool { return f.is(runtime.ErrRunning) }, "`mini delete --force` kills it first"},
		{func(f failure) bool { return f.doing("clone3") && f.is(unix.ENOSPC, unix.EUSERS) },
			"the host allows no more namespaces of a kind: raise the sysctl user.max_user_namespaces (or its siblings in /proc/sys/user)"},
		{func(f failure) bool {
			return f.is(unix.EACCES) && strings.Contains(f.err.Error(), "memfd_create: ")
		},
			"what mini puts into a container is executed from memory, which the sysctl vm.memfd_noexec forbids here: it must be 0 or 1"},
		{func(f failure) bool { return f.doing("clone3") && f.is(unix.EPERM, unix.EACCES) },
			"the host may forbid user namespaces: look at the sysctls kernel.unprivileged_userns_clone (must be 1), user.max_user_namespaces (above 0) and, with AppArmor, kernel.apparmor_restrict_unprivileged_userns (must be 0); `mini doctor` shows them"},
		{func(f failure) bool { return f.doing("keyctl") && f.is(unix.EDQUOT) },
			"each container takes a key of the user that its root is outside, who may have sysctl kernel.keys.maxkeys of them (200): raise that, or run with --no-new-keyring"},
		{func(f failure) bool {
			return !f.root && (f.at("/linux/uidMappings") || f.at("/linux/gidMappings") || f.at("/linux/namespaces"))
		},
			"`mini spec --rootless` writes a configuration that you may run, `mini doctor` tells which ids you may map; as it is, it takes root"},
		{func(f failure) bool { return !f.root && strings.Contains(f.step, "overlay on") && f.is(unix.EPERM) },
			"overlays in a user namespace need Linux 5.11 and a file system that keeps user.* attributes; --overlay off writes to the root itself"},
		{func(f failure) bool { return !f.root && f.doing("open_tree") && f.is(unix.EINVAL) },
			"something is mounted below it, and what lies under that may not be shown to you: bind it recursively (rbind)"},
		{func(f failure) bool {
			return !f.root && f.at("/linux/resources") && f.is(unix.EBUSY, unix.EACCES, unix.EPERM)
		},
			"limits need a cgroup of your own: systemd-run --user --scope -p Delegate=yes mini run …"},
		{func(f failure) bool { return f.is(fs.ErrPermission, unix.EPERM) && !f.root },
			"an ordinary user may not do this: look at the file's or directory's owner, or try sudo"},
		{func(f failure) bool { return f.doing("mount proc") && f.is(unix.EPERM) },
			"the kernel mounts a new /proc in a user namespace only where the outer one is fully visible: inside another container, unmask it there or bind /proc"},
		{func(f failure) bool { return f.doing("mount sysfs") && f.is(unix.EPERM) },
			"a new sysfs in a user namespace needs a network namespace of the container's own; or use a bind of /sys"},
		{func(f failure) bool { return f.doing("overlay") && f.is(unix.EINVAL) },
			"an overlay cannot have its upper directory on another overlay, nor be stacked more than twice: point --overlay at a directory of a real file system or use --overlay tmpfs"},
		{func(f failure) bool { return strings.Contains(f.step, "idmapped") && f.is(unix.EINVAL) },
			"the file system cannot be idmapped: ext4, xfs, btrfs and (from Linux 6.3) tmpfs can, an overlay cannot; keep the files elsewhere, add noidmap to the volume, or run without a user namespace"},
		{func(f failure) bool { return f.doing("open_tree") && f.is(fs.ErrNotExist) && f.at("/mounts/") },
			"create the source on the host, or take the mount out of the configuration"},
		{func(f failure) bool { return f.doing("open_tree") && f.is(fs.ErrNotExist) && f.at("/root") },
			"root.path is relative to the bundle; unpack or build the root file system there"},
		{func(f failure) bool { return f.is(unix.EPERM) && f.at("/process/rlimits") },
			"raising a hard limit needs CAP_SYS_RESOURCE on the host: lower it to the host's own (ulimit -H)"},
		{func(f failure) bool { return f.is(unix.EPERM, fs.ErrPermission) && f.at("/process/oomScoreAdj") },
			"lowering oom_score_adj needs CAP_SYS_RESOURCE on the host"},
	}
}

// advice is the likeliest fix of what failed, or "".
func advice(err error) string {
	f := failure{err: err, root: os.Geteuid() == 0}
	var step *runtime.StepError
	if errors.As(err, &step) {
		f.step, f.field = step.Step, step.Field
	}
	var setting interface{ Pointer() string }
	if f.field == "" && errors.As(err, &setting) {
		f.field = setting.Pointer()
	}
	for _, row := range table() {
		if row.when(f) {
			return row.fix
		}
	}
	return ""
}
