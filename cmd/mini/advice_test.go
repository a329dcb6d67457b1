package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/runtime"
	"mini/runtime/state"
)

func failedStep(text, field string, err error) error {
	return &runtime.StepError{Step: text, Field: field, Err: err, Status: exitMini}
}

func TestAdvice(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string // a part of the fix, "" for none
	}{
		{"nothing known", fmt.Errorf("odd: %w", unix.EXDEV), ""},
		{"id taken", failedStep("mkdir /run/mini/web", "", state.ErrExists), "mini delete --force"},
		{"no such id", fmt.Errorf("x: %w", state.ErrNotFound), "mini list"},
		{"too many namespaces", failedStep("clone3(CLONE_NEWUSER)", "/linux/namespaces", unix.ENOSPC), "max_user_namespaces"},
		{"user namespaces forbidden", failedStep("clone3(CLONE_NEWUSER)", "/linux/namespaces", unix.EPERM), "apparmor_restrict_unprivileged_userns"},
		{"programs in memory forbidden", failedStep("clone3(CLONE_NEWUSER)", "/linux/namespaces", fmt.Errorf("memfd_create: %w", unix.EACCES)), "vm.memfd_noexec"},
		{"200 containers", failedStep("keyctl JOIN_SESSION_KEYRING _ses.web", "", unix.EDQUOT), "kernel.keys.maxkeys"},
		{"proc is masked", failedStep("mount proc on /proc (nosuid)", "/mounts/0", unix.EPERM), "fully visible"},
		{"a source is missing", failedStep("open_tree /none", "/mounts/3/source", unix.ENOENT), "create the source"},
		{"not to be idmapped", failedStep("open_tree ./rootfs (idmapped)", "/root/path", unix.EINVAL), "cannot be idmapped"},
		{"a limit above the host's", failedStep("prlimit", "/process/rlimits/0", unix.EPERM), "ulimit -H"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := advice(tt.err)
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestComplain(t *testing.T) {
	var b bytes.Buffer
	complain(&b, failedStep("mkdir /run/mini/web", "/x", fmt.Errorf("mkdir: %w", unix.ENOTDIR)))
	if want := "mini: mkdir /run/mini/web: mkdir: not a directory (ENOTDIR) [/x]\n"; b.String() != want {
		t.Errorf("got  %qwant %q", b.String(), want)
	}
}

// TestExitStatus: whatever is wrong with the command line is mini's own
// failure, never a program's status.
func TestExitStatus(t *testing.T) {
	for _, args := range [][]string{
		{"mini", "frob"},
		{"mini", "run"},
		{"mini", "run", "--nope"},
		{"mini", "run", "/bundle", "unexpected"},
		{"mini", "run", "--rootfs", "/", "-b", "/"},
		{"mini", "plan", "/nonexistent"},
		{"mini", "kill"},
		{"mini", "state", "../x"},
		{"mini", "list", "--format", "nope"},
	} {
		if got := run(args); got != exitMini {
			t.Errorf("%q ends with %d, want %d", args, got, exitMini)
		}
	}
}
