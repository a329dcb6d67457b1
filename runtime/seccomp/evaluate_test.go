package seccomp

import (
	"slices"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// evaluate says what a profile means for one call, the slow and plain way: as
// the package comment puts it, rule by rule.
func evaluate(p *specs.LinuxSeccomp, native specs.Arch, c call) uint32 {
	a := abiOfCall(p, native, c)
	def := plainAction(p.DefaultAction, p.DefaultErrnoRet)
	if a == nil {
		if c.audit == unix.AUDIT_ARCH_X86_64 && c.nr == 0xffffffff && family(native) == "x86" && (native != specs.ArchX86 || slices.ContainsFunc(p.Architectures, is64)) {
			return def
		}
		return unix.SECCOMP_RET_KILL_PROCESS
	}
	private := a.arch == specs.ArchARM && c.nr > 0xf0000 && c.nr <= 0xf0006 // as old as arm
	last := -1
	var unconditional, matching []uint32
	for _, s := range p.Syscalls {
		ret := plainAction(s.Action, s.ErrnoRet)
		for _, name := range s.Names {
			nr := plainNumber(a, name)
			if a.arch != specs.ArchARM || nr < 0xf0000 {
				last = max(last, nr)
			}
			if ret == def {
				continue
			}
			if nr == int(c.nr) {
				if len(s.Args) == 0 {
					unconditional = append(unconditional, ret)
				} else if plainMatch(s.Args, c, a.wide) {
					matching = append(matching, ret)
				}
			}
		}
	}
	permissive := slices.Contains([]specs.LinuxSeccompAction{specs.ActAllow, specs.ActLog, specs.ActTrace}, p.DefaultAction)
	if !permissive && last >= 0 && !private && (int(c.nr) > last || a.arch == specs.ArchS390X && c.nr == 0) {
		return unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	}
	matching = append(matching, multiplexed(p, a, c, def)...)
	switch {
	case len(unconditional) > 0:
		return unconditional[0]
	case len(matching) > 0:
		return matching[0]
	}
	return def
}

func is64(a specs.Arch) bool { return a == specs.ArchX86_64 || a == specs.ArchX32 }

func family(a specs.Arch) string {
	_, f := findABI(a)
	return f
}

// multiplexed finds what the profile says of the call behind socketcall or ipc.
func multiplexed(p *specs.LinuxSeccomp, a *abi, c call, def uint32) []uint32 {
	inner := ""
	switch int(c.nr) {
	case plainNumber(a, "socketcall"):
		inner = map[uint64]string{1: "socket", 2: "bind", 3: "connect", 4: "listen", 5: "accept", 6: "getsockname", 7: "getpeername",
			8: "socketpair", 9: "send", 10: "recv", 11: "sendto", 12: "recvfrom", 13: "shutdown", 14: "setsockopt", 15: "getsockopt",
			16: "sendmsg", 17: "recvmsg", 18: "accept4", 19: "recvmmsg", 20: "sendmmsg"}[c.args[0]&0xffffffff]
	case plainNumber(a, "ipc"):
		inner = map[uint64]string{1: "semop", 2: "semget", 3: "semctl", 4: "semtimedop", 11: "msgsnd", 12: "msgrcv", 13: "msgget",
			14: "msgctl", 21: "shmat", 22: "shmdt", 23: "shmget", 24: "shmctl"}[c.args[0]&0xffff]
	}
	for _, s := range p.Syscalls {
		if ret := plainAction(s.Action, s.ErrnoRet); ret != def && len(s.Args) == 0 && slices.Contains(s.Names, inner) {
			return []uint32{ret}
		}
	}
	return nil
}

func abiOfCall(p *specs.LinuxSeccomp, native specs.Arch, c call) *abi {
	for _, name := range append([]specs.Arch{native}, p.Architectures...) {
		a, f := findABI(name)
		if a == nil || f != family(native) || a.audit != c.audit {
			continue
		}
		x32Call := c.audit == unix.AUDIT_ARCH_X86_64 && c.nr >= x32Bit
		if x32Call == (a.arch == specs.ArchX32) && !(x32Call && c.nr == 0xffffffff) {
			return a
		}
	}
	return nil
}

// plainNumber is the number of a call, -1 if the ABI has none.
func plainNumber(a *abi, name string) int {
	i, ok := plainNames()[name]
	if !ok || numbers[a.table][i] == absent {
		return -1
	}
	if nr := int(numbers[a.table][i]); nr >= privateMark {
		return privateBase + nr - privateMark
	}
	return int(numbers[a.table][i]) + int(a.base)
}

var plainNames = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	for i := range nameCount {
		m[nameAt(i)] = i
	}
	return m
})

func plainAction(a specs.LinuxSeccompAction, errno *uint) uint32 {
	code := uint32(unix.EPERM)
	if errno != nil {
		code = uint32(*errno)
	}
	return map[specs.LinuxSeccompAction]uint32{
		specs.ActKill:        unix.SECCOMP_RET_KILL_THREAD,
		specs.ActKillThread:  unix.SECCOMP_RET_KILL_THREAD,
		specs.ActKillProcess: unix.SECCOMP_RET_KILL_PROCESS,
		specs.ActTrap:        unix.SECCOMP_RET_TRAP,
		specs.ActErrno:       unix.SECCOMP_RET_ERRNO | code,
		specs.ActTrace:       unix.SECCOMP_RET_TRACE | code,
		specs.ActAllow:       unix.SECCOMP_RET_ALLOW,
		specs.ActLog:         unix.SECCOMP_RET_LOG,
	}[a]
}

func plainMatch(args []specs.LinuxSeccompArg, c call, wide bool) bool {
	count := map[uint]int{}
	any, all, twice := false, true, false
	for _, arg := range args {
		count[arg.Index]++
		twice = twice || count[arg.Index] > 1
		if plainCompare(arg, c.args[arg.Index], wide) {
			any = true
		} else {
			all = false
		}
	}
	if twice {
		return any
	}
	return all
}

func plainCompare(arg specs.LinuxSeccompArg, got uint64, wide bool) bool {
	v, v2 := arg.Value, arg.ValueTwo
	if !wide {
		got, v, v2 = got&0xffffffff, v&0xffffffff, v2&0xffffffff
	}
	switch arg.Op {
	case specs.OpNotEqual:
		return got != v
	case specs.OpLessThan:
		return got < v
	case specs.OpLessEqual:
		return got <= v
	case specs.OpEqualTo:
		return got == v
	case specs.OpGreaterEqual:
		return got >= v
	case specs.OpGreaterThan:
		return got > v
	default:
		return got&v == v2&v
	}
}
