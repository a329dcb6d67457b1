package process

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// dropBounding needs CAP_SETPCAP, so it comes before the change of user.
type dropBounding struct {
	note
	keep Caps
	last int
}

func (o dropBounding) Do() error {
	for n := range o.last + 1 {
		if o.keep.has(n) {
			continue
		}
		if err := dropOne(n); err != nil {
			return fmt.Errorf("drop %v: %w", Caps(1)<<n, err)
		}
	}
	return nil
}

// dropOne takes EPERM for an answer only if the capability is really there:
// without CAP_SETPCAP there may just be nothing left to drop.
func dropOne(n int) error {
	err := prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0)
	if err == unix.EPERM {
		if have, e := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0); e == nil && have == 0 {
			return nil
		}
	}
	return err
}

func (o dropBounding) String() string {
	return fmt.Sprintf("prctl PR_CAPBSET_DROP all but %v", o.keep)
}

// setCaps sets the three sets of capset(2).
type setCaps struct {
	note
	effective, permitted, inheritable Caps
}

func (o setCaps) Do() error {
	return capset(o.effective, o.permitted, o.inheritable)
}

func (o setCaps) String() string {
	return fmt.Sprintf("capset effective=%v permitted=%v inheritable=%v", o.effective, o.permitted, o.inheritable)
}

// regainCaps makes effective again what the change of user took from effective
// but, thanks to PR_SET_KEEPCAPS, left in permitted.
type regainCaps struct{ note }

func (o regainCaps) Do() error {
	_, permitted, inheritable, err := capget()
	if err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	return capset(permitted, permitted, inheritable)
}

func (o regainCaps) String() string { return "capset effective=permitted" }

// setAmbient starts from an empty set: init's caller may have had one.
type setAmbient struct {
	note
	caps Caps
}

func (o setAmbient) Do() error {
	if err := prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0); err != nil {
		return fmt.Errorf("clear all: %w", err)
	}
	for n := range len(capNames) {
		if !o.caps.has(n) {
			continue
		}
		if err := prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(n)); err != nil {
			return fmt.Errorf("raise %v: %w", Caps(1)<<n, err)
		}
	}
	return nil
}

func (o setAmbient) String() string { return fmt.Sprintf("prctl PR_CAP_AMBIENT %v", o.caps) }

// keepCaps saves the permitted set from setresuid; execve clears the flag.
type keepCaps struct{ note }

func (o keepCaps) Do() error      { return prctl(unix.PR_SET_KEEPCAPS, 1, 0) }
func (o keepCaps) String() string { return "prctl PR_SET_KEEPCAPS 1" }

func capset(effective, permitted, inheritable Caps) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := [2]unix.CapUserData{
		{Effective: uint32(effective), Permitted: uint32(permitted), Inheritable: uint32(inheritable)},
		{Effective: uint32(effective >> 32), Permitted: uint32(permitted >> 32), Inheritable: uint32(inheritable >> 32)},
	}
	return unix.Capset(&header, &data[0])
}

func capget() (effective, permitted, inheritable Caps, err error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var d [2]unix.CapUserData
	if err := unix.Capget(&header, &d[0]); err != nil {
		return 0, 0, 0, err
	}
	join := func(low, high uint32) Caps { return Caps(low) | Caps(high)<<32 }
	return join(d[0].Effective, d[1].Effective), join(d[0].Permitted, d[1].Permitted),
		join(d[0].Inheritable, d[1].Inheritable), nil
}

// prctl acts on the calling thread, for every option used in this package.
func prctl(option int, arg2, arg3 uintptr) error {
	return raw(unix.SYS_PRCTL, uintptr(option), arg2, arg3)
}

// raw is one system call of this very thread.
func raw(number, a1, a2, a3 uintptr) error {
	if _, _, errno := unix.RawSyscall6(number, a1, a2, a3, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// setprivList is a capability list in the form of setpriv(1).
func setprivList(c Caps) string {
	return strings.Join(append([]string{"-all"}, prefixed(c.names(), "+")...), ",")
}

func prefixed(list []string, prefix string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + s
	}
	return out
}
