package seccomp

import (
	"runtime"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Default returns mini's own profile: a list of what ordinary programs call;
// anything else fails with EPERM. caps are the capabilities that the container
// may ever have ("CAP_SYS_ADMIN"): some calls are allowed with them only.
//
// It allows less than docker's and podman's: sockets of five families only,
// no modify_ldt(2), no fanotify, no way around the list of families through
// socketcall(2), no x32. Kernel keyrings, io_uring, userfaultfd and new
// namespaces are out, as there. clone3(2) is "not there" (ENOSYS), since a
// filter cannot see its flags, so that the C library uses clone(2).
//
// The names are the same on all machines; each compiles what it has.
func Default(caps []string) *specs.LinuxSeccomp {
	eperm, nosys := uint(unix.EPERM), uint(unix.ENOSYS)
	p := &specs.LinuxSeccomp{
		DefaultAction:   specs.ActErrno,
		DefaultErrnoRet: &eperm,
		Architectures:   defaultArchitectures(native(runtime.GOARCH)),
	}
	allow := func(names string, args ...specs.LinuxSeccompArg) {
		p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{Names: strings.Fields(names), Action: specs.ActAllow, Args: args})
	}
	allow(ordinaryCalls)
	for _, family := range [...]uint64{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_PACKET} {
		allow("socket", equal(family))
	}
	for _, persona := range [...]uint64{0, perLinux32, uname26, uname26 | perLinux32, askPersonality} {
		allow("personality", equal(persona))
	}
	for _, g := range capabilityCalls {
		if slices.Contains(caps, g.capability) {
			allow(g.calls)
		}
	}
	if !slices.Contains(caps, "CAP_SYS_ADMIN") {
		allow("clone", noBits(cloneFlagsIndex(), newNamespaces))
		allow("unshare", noBits(0, newNamespaces|unix.CLONE_NEWTIME))
		p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{
			Names: []string{"clone3"}, Action: specs.ActErrno, ErrnoRet: &nosys,
		})
	}
	return p
}

// Values for personality(2), linux/personality.h.
const (
	perLinux32     = 0x0008
	uname26        = 0x0020000
	askPersonality = 0xffffffff
)

// newNamespaces are the flags of clone(2) that make namespaces. CLONE_NEWTIME
// is not among them: in clone it is part of the exit signal.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// cloneFlagsIndex is which argument of clone(2) the flags are: on s390x the
// stack comes first (clone(2), "C library/kernel differences").
func cloneFlagsIndex() uint {
	if runtime.GOARCH == "s390x" {
		return 1
	}
	return 0
}

func equal(value uint64) specs.LinuxSeccompArg {
	return specs.LinuxSeccompArg{Index: 0, Value: value, Op: specs.OpEqualTo}
}

func noBits(index uint, bits uint64) specs.LinuxSeccompArg {
	return specs.LinuxSeccompArg{Index: index, Value: bits, ValueTwo: 0, Op: specs.OpMaskedEqual}
}

// defaultArchitectures returns the native one and what else programs for this
// machine are built for, the hardly used x32 excepted.
func defaultArchitectures(own specs.Arch) []specs.Arch {
	list := []specs.Arch{own}
	_, family := findABI(own)
	for i := range abis {
		a := &abis[i]
		if a.family == family && a.arch != own && a.arch != specs.ArchX32 {
			list = append(list, a.arch)
		}
	}
	return list
}
