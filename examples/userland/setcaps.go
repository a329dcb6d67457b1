package main

import (
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lastCap is how many capabilities the kernel knows, of those known here.
func lastCap() int {
	known := len(strings.Fields(capabilities))
	for n := range known {
		if unix.Prctl(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0) != nil {
			return n
		}
	}
	return known
}

// capList changes a set as -all,+chown,+cap_5 says (setpriv(1)).
func capList(text string, set uint64) (uint64, error) {
	known := strings.Fields(capabilities)
	for word := range strings.SplitSeq(text, ",") {
		if len(word) < 2 || word[0] != '+' && word[0] != '-' {
			return 0, usage("%q is neither +NAME nor -NAME", word)
		}
		bits := uint64(1<<lastCap() - 1)
		if word[1:] != "all" {
			n := slices.Index(known, word[1:])
			if n < 0 {
				return 0, usage("%q is no capability", word[1:])
			}
			bits = 1 << n
		}
		if set &^= bits; word[0] == '+' {
			set |= bits
		}
	}
	return set, nil
}

// setCaps sets the inheritable set and then the ambient one, a part of it, and
// makes effective what is permitted: the change of user took that away.
func setCaps(o options) error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	inheritable, err := capList(o.or("inh-caps", "-all"), 0)
	if err != nil {
		return err
	}
	if !o.has("inh-caps") {
		inheritable = uint64(data[1].Inheritable)<<32 | uint64(data[0].Inheritable)
	}
	data[0].Inheritable, data[1].Inheritable = uint32(inheritable), uint32(inheritable>>32)
	data[0].Effective, data[1].Effective = data[0].Permitted, data[1].Permitted
	if err := unix.Capset(&head, &data[0]); err != nil {
		return os.NewSyscallError("capset", err)
	}
	return setAmbient(o)
}

func setAmbient(o options) error {
	text, given := o["ambient-caps"]
	if !given {
		return nil
	}
	set, err := capList(text, 0)
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_CAP_AMBIENT_CLEAR_ALL", err)
	}
	for n := range lastCap() {
		if set&(1<<n) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(n), 0, 0); err != nil {
			return os.NewSyscallError("prctl PR_CAP_AMBIENT_RAISE", err)
		}
	}
	return nil
}

func rawSetgroups(gids []uint32) error {
	var first unsafe.Pointer
	if len(gids) > 0 {
		first = unsafe.Pointer(&gids[0])
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(gids)), uintptr(first), 0); errno != 0 {
		return errno
	}
	return nil
}
