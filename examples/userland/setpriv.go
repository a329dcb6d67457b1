package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// setpriv executes a program with other ids and capabilities, by those options of
// util-linux's that a container needs. All is done on one thread, the one that
// executes: Linux keeps credentials by thread.
func setpriv(c *call) error {
	o, args, err := parseOptions(c.args, "reuid:", "regid:", "clear-groups", "keep-groups", "groups:",
		"bounding-set:", "inh-caps:", "ambient-caps:", "no-new-privs")
	if err == nil && len(args) == 0 {
		err = usage("a program is needed")
	}
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, step := range []func(options) error{noNewPrivs, dropBounding, setGroups, setIDs, setCaps} {
		if err := step(o); err != nil {
			return err
		}
	}
	return c.exec(args)
}

// exec executes a program in the place of this one.
func (c *call) exec(args []string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		c.complain(err)
		return status(127)
	}
	c.complain(&os.PathError{Op: "exec", Path: path, Err: unix.Exec(path, args, os.Environ())})
	return status(126)
}

func noNewPrivs(o options) error {
	if !o.has("no-new-privs") {
		return nil
	}
	return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
}

// dropBounding comes before the change of user: it needs CAP_SETPCAP.
func dropBounding(o options) error {
	keep, err := capList(o.or("bounding-set", "+all"), 1<<lastCap()-1)
	if err != nil {
		return err
	}
	for n := range lastCap() {
		if keep&(1<<n) != 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0, 0, 0); err != nil {
			return os.NewSyscallError("prctl PR_CAPBSET_DROP", err)
		}
	}
	return nil
}

// setGroups makes the system call itself: package syscall's own would set those
// of other threads too, which need not be able to follow.
func setGroups(o options) error {
	text, given := o["groups"]
	if !given && !o.has("clear-groups") {
		return nil
	}
	var gids []uint32
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' }) {
		gid, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			return usage("%q is not a group's number", word)
		}
		gids = append(gids, uint32(gid))
	}
	return os.NewSyscallError("setgroups", rawSetgroups(gids))
}

// setIDs keeps the capabilities, which setCaps chooses from; the group comes first,
// while there is the right to it.
func setIDs(o options) error {
	if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_SET_KEEPCAPS", err)
	}
	for _, id := range []struct {
		option, name string
		number       uintptr
	}{{"regid", "setresgid", unix.SYS_SETRESGID}, {"reuid", "setresuid", unix.SYS_SETRESUID}} {
		text, given := o[id.option]
		if !given {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return usage("%q is not a number", text)
		}
		if _, _, errno := unix.RawSyscall(id.number, uintptr(n), uintptr(n), uintptr(n)); errno != 0 {
			return fmt.Errorf("%s %d: %w", id.name, n, errno)
		}
	}
	return nil
}
