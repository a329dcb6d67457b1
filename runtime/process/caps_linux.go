package process

import (
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// dropBounding needs CAP_SETPCAP, so it comes before the change of user.
type dropBounding struct {
	note
	keep Caps
	last int
	weak bool // init may be without CAP_SETPCAP
}

func (o dropBounding) Do() error { return calls.Do(o) }

// Calls takes EPERM for an answer only if init may be without the right: then
// there may just be nothing left to drop, which is looked at.
func (o dropBounding) Calls(l *calls.List) {
	var refused []calls.Ref
	for n := range o.last + 1 {
		if o.keep.has(n) {
			continue
		}
		drop := l.Call("drop "+(Caps(1)<<n).String(), unix.SYS_PRCTL, calls.N(unix.PR_CAPBSET_DROP), calls.N(n))
		refused = append(refused, drop)
	}
	if !o.weak {
		return
	}
	over := l.Jump()
	for _, r := range refused {
		r.SkipTo(unix.EPERM)
	}
	o.verify(l)
	over.Here()
}

// verify fails with EPERM if there is something left.
func (o dropBounding) verify(l *calls.List) {
	for n := range o.last + 1 {
		if o.keep.has(n) {
			continue
		}
		have := l.Prctl("PR_CAPBSET_READ", unix.PR_CAPBSET_READ, calls.N(n))
		word := l.Space(8)
		l.Store(word.Arg(), have.Arg())
		l.Check("drop "+(Caps(1)<<n).String(), word.Arg(), 1, 0, unix.EPERM)
	}
}

func (o dropBounding) String() string {
	return fmt.Sprintf("prctl PR_CAPBSET_DROP all but %v", o.keep)
}

// setCaps sets the three sets of capset(2).
type setCaps struct {
	note
	effective, permitted, inheritable Caps
}

func (o setCaps) Do() error { return calls.Do(o) }

func (o setCaps) Calls(l *calls.List) {
	data := capData(o.effective, o.permitted, o.inheritable)
	l.Call("", unix.SYS_CAPSET, capHeader(l), calls.Struct(l, &data).Arg())
}

func (o setCaps) String() string {
	return fmt.Sprintf("capset effective=%v permitted=%v inheritable=%v", o.effective, o.permitted, o.inheritable)
}

// regainCaps makes effective again what the change of user took from effective
// but, thanks to PR_SET_KEEPCAPS, left in permitted.
type regainCaps struct{ note }

func (o regainCaps) Do() error { return calls.Do(o) }

func (o regainCaps) Calls(l *calls.List) {
	header, data := capHeader(l), l.Space(int(unsafe.Sizeof([2]unix.CapUserData{})))
	l.Call("capget", unix.SYS_CAPGET, header, data.Arg())
	for i := range 2 {
		low := i * int(unsafe.Sizeof(unix.CapUserData{}))
		permitted := l.Load(data.At(low + int(unsafe.Offsetof(unix.CapUserData{}.Permitted))))
		l.Store(data.At(low+int(unsafe.Offsetof(unix.CapUserData{}.Effective))), permitted.Arg())
	}
	l.Call("", unix.SYS_CAPSET, header, data.Arg())
}

func (o regainCaps) String() string { return "capset effective=permitted" }

// setAmbient starts from an empty set: init's caller may have had one.
type setAmbient struct {
	note
	caps Caps
}

func (o setAmbient) Do() error { return calls.Do(o) }

func (o setAmbient) Calls(l *calls.List) {
	ambient := func(name string, what, n int) {
		l.Call(name, unix.SYS_PRCTL, calls.N(unix.PR_CAP_AMBIENT), calls.N(what), calls.N(n))
	}
	ambient("clear all", unix.PR_CAP_AMBIENT_CLEAR_ALL, 0)
	for n := range len(capNames) {
		if o.caps.has(n) {
			ambient(fmt.Sprintf("raise %v", Caps(1)<<n), unix.PR_CAP_AMBIENT_RAISE, n)
		}
	}
}

func (o setAmbient) String() string { return fmt.Sprintf("prctl PR_CAP_AMBIENT %v", o.caps) }

// keepCaps saves the permitted set from setresuid; execve clears the flag.
type keepCaps struct{ note }

func (o keepCaps) Do() error { return calls.Do(o) }

func (o keepCaps) Calls(l *calls.List) {
	l.Call("", unix.SYS_PRCTL, calls.N(unix.PR_SET_KEEPCAPS), calls.N(1))
}
func (o keepCaps) String() string { return "prctl PR_SET_KEEPCAPS 1" }

func capHeader(l *calls.List) calls.Arg {
	return calls.Struct(l, &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}).Arg()
}

func capData(effective, permitted, inheritable Caps) [2]unix.CapUserData {
	return [2]unix.CapUserData{
		{Effective: uint32(effective), Permitted: uint32(permitted), Inheritable: uint32(inheritable)},
		{Effective: uint32(effective >> 32), Permitted: uint32(permitted >> 32), Inheritable: uint32(inheritable >> 32)},
	}
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
