package seccomp

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/hack/golden"
)

// natives are all architectures that Go builds for and that have a table.
func natives() (list []specs.Arch) {
	for _, goarch := range strings.Fields("386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x") {
		list = append(list, native(goarch))
	}
	return list
}

func mustCompile(t testing.TB, p *specs.LinuxSeccomp, native specs.Arch) Program {
	t.Helper()
	prog, err := compile(p, native)
	if err != nil {
		t.Fatalf("compile for %s: %v", native, err)
	}
	if err := verify(prog.Instructions); err != nil {
		t.Fatalf("%s: %v\n%s", native, err, list(prog.Instructions))
	}
	return prog
}

func allow(names string, args ...specs.LinuxSeccompArg) specs.LinuxSyscall {
	return entryOf(specs.ActAllow, names, args...)
}

func entryOf(a specs.LinuxSeccompAction, names string, args ...specs.LinuxSeccompArg) specs.LinuxSyscall {
	return specs.LinuxSyscall{Names: strings.Fields(names), Action: a, Args: args}
}

func profile(def specs.LinuxSeccompAction, list ...specs.LinuxSyscall) *specs.LinuxSeccomp {
	return &specs.LinuxSeccomp{DefaultAction: def, Syscalls: list}
}

func arg(index uint, op specs.LinuxSeccompOperator, values ...uint64) specs.LinuxSeccompArg {
	a := specs.LinuxSeccompArg{Index: index, Op: op, Value: values[0]}
	if len(values) > 1 {
		a.ValueTwo = values[1]
	}
	return a
}

func TestGolden(t *testing.T) {
	cases := map[string]*specs.LinuxSeccomp{
		"numbers":   profile(specs.ActErrno, allow("read write close exit_group"), entryOf(specs.ActKillProcess, "reboot")),
		"arguments": profile(specs.ActErrno, allow("personality", arg(0, specs.OpEqualTo, 8)), allow("clone", arg(0, specs.OpMaskedEqual, 0x7e020000, 0)), allow("mmap", arg(1, specs.OpLessThan, 1<<32), arg(2, specs.OpGreaterThan, 3))),
		"several":   {DefaultAction: specs.ActKill, Architectures: []specs.Arch{specs.ArchX86, specs.ArchX86_64}, Syscalls: []specs.LinuxSyscall{allow("read bind")}},
	}
	for name, p := range cases {
		t.Run(name, func(t *testing.T) {
			golden.Compare(t, name+".golden", list(mustCompile(t, p, specs.ArchX86_64).Instructions))
		})
	}
}

func TestSemantics(t *testing.T) {
	const eperm, einval, nosys = unix.SECCOMP_RET_ERRNO | 1, unix.SECCOMP_RET_ERRNO | 22, enosys
	inval := func(s specs.LinuxSyscall) specs.LinuxSyscall {
		n := uint(22)
		s.Action, s.ErrnoRet = specs.ActErrno, &n
		return s
	}
	x64 := func(nr uint32, args ...uint64) call {
		c := call{nr: nr, audit: unix.AUDIT_ARCH_X86_64}
		copy(c.args[:], args)
		return c
	}
	x86 := func(nr uint32, args ...uint64) call {
		c := x64(nr, args...)
		c.audit = unix.AUDIT_ARCH_I386
		return c
	}
	withArchs := func(p *specs.LinuxSeccomp, a ...specs.Arch) *specs.LinuxSeccomp {
		p.Architectures = a
		return p
	}
	socket := allow("socket", arg(0, specs.OpEqualTo, 1))
	cases := []struct {
		name string
		p    *specs.LinuxSeccomp
		c    call
		want uint32
	}{
		{"allowed", profile(specs.ActErrno, allow("read")), x64(0), unix.SECCOMP_RET_ALLOW},
		{"not named, older", profile(specs.ActErrno, allow("read close")), x64(1), eperm},
		{"newer than the profile", profile(specs.ActErrno, allow("read close")), x64(4), nosys},
		{"newer, kill by default", profile(specs.ActKillProcess, allow("read")), x64(9999), nosys},
		{"newer, allow by default", profile(specs.ActAllow, inval(allow("read"))), x64(9999), unix.SECCOMP_RET_ALLOW},
		{"newer, log by default", profile(specs.ActLog, inval(allow("read"))), x64(9999), unix.SECCOMP_RET_LOG},
		{"newer, trace by default", profile(specs.ActTrace, inval(allow("read"))), x64(9999), unix.SECCOMP_RET_TRACE | 1},
		{"a denied name counts as known", profile(specs.ActErrno, allow("read"), entryOf(specs.ActErrno, "bpf")), x64(320), eperm},
		{"no names at all", profile(specs.ActErrno), x64(9999), eperm},
		{"foreign architecture", profile(specs.ActErrno, allow("read")), x86(3), unix.SECCOMP_RET_KILL_PROCESS},
		{"x32 not listed", profile(specs.ActErrno, allow("read")), x64(x32Bit), unix.SECCOMP_RET_KILL_PROCESS},
		{"x32 listed", withArchs(profile(specs.ActErrno, allow("read")), specs.ArchX32), x64(x32Bit), unix.SECCOMP_RET_ALLOW},
		{"x32 number of its own", withArchs(profile(specs.ActErrno, allow("execve")), specs.ArchX32), x64(x32Bit + 520), unix.SECCOMP_RET_ALLOW},
		{"x32 newer", withArchs(profile(specs.ActErrno, allow("read")), specs.ArchX32), x64(x32Bit + 1), nosys},
		{"-1 of a tracer", profile(specs.ActErrno, allow("read")), x64(0xffffffff), eperm},
		{"x86 listed", withArchs(profile(specs.ActErrno, allow("read")), specs.ArchX86), x86(3), unix.SECCOMP_RET_ALLOW},
		{"architecture of another machine", withArchs(profile(specs.ActErrno, allow("read")), specs.ArchAARCH64), call{nr: 63, audit: unix.AUDIT_ARCH_AARCH64}, unix.SECCOMP_RET_KILL_PROCESS},

		{"argument", profile(specs.ActErrno, socket), x64(41, 1), unix.SECCOMP_RET_ALLOW},
		{"argument, other", profile(specs.ActErrno, socket), x64(41, 2), eperm},
		{"argument, upper half", profile(specs.ActErrno, socket), x64(41, 1<<32|1), eperm},
		{"argument, upper half on 32 bits", withArchs(profile(specs.ActErrno, socket), specs.ArchX86), x86(359, 1<<32|1), unix.SECCOMP_RET_ALLOW},
		{"value of 64 bits on 32", withArchs(profile(specs.ActErrno, allow("socket", arg(0, specs.OpEqualTo, 1<<64-1))), specs.ArchX86), x86(359, 1<<32-1), unix.SECCOMP_RET_ALLOW},
		{"all conditions", profile(specs.ActErrno, allow("socket", arg(0, specs.OpEqualTo, 1), arg(1, specs.OpEqualTo, 2))), x64(41, 1, 3), eperm},
		{"same argument twice: any", profile(specs.ActErrno, allow("socket", arg(0, specs.OpEqualTo, 1), arg(0, specs.OpEqualTo, 2))), x64(41, 2), unix.SECCOMP_RET_ALLOW},
		{"two rules: any", profile(specs.ActErrno, socket, allow("socket", arg(0, specs.OpEqualTo, 2))), x64(41, 2), unix.SECCOMP_RET_ALLOW},
		{"first rule", profile(specs.ActErrno, socket, inval(allow("socket", arg(1, specs.OpEqualTo, 0)))), x64(41, 1), unix.SECCOMP_RET_ALLOW},
		{"second rule", profile(specs.ActErrno, socket, inval(allow("socket", arg(1, specs.OpEqualTo, 0)))), x64(41, 2), einval},
		{"no conditions wins, later", profile(specs.ActErrno, inval(socket), allow("socket")), x64(41, 1), unix.SECCOMP_RET_ALLOW},
		{"no conditions wins, earlier", profile(specs.ActErrno, allow("socket"), inval(socket)), x64(41, 1), unix.SECCOMP_RET_ALLOW},
		{"two without conditions: first", profile(specs.ActErrno, allow("socket"), inval(allow("socket"))), x64(41), unix.SECCOMP_RET_ALLOW},
		{"default action says nothing", profile(specs.ActErrno, entryOf(specs.ActErrno, "socket"), allow("socket")), x64(41), unix.SECCOMP_RET_ALLOW},
		{"mask", profile(specs.ActErrno, allow("socket", arg(0, specs.OpMaskedEqual, 0xf0, 0x1f))), x64(41, 0xa1b), unix.SECCOMP_RET_ALLOW},

		{"socketcall of an allowed call", withArchs(profile(specs.ActErrno, allow("bind")), specs.ArchX86), x86(102, 2), unix.SECCOMP_RET_ALLOW},
		{"socketcall of another", withArchs(profile(specs.ActErrno, allow("bind")), specs.ArchX86), x86(102, 3), eperm},
		{"socketcall of a call with conditions", withArchs(profile(specs.ActErrno, socket), specs.ArchX86), x86(102, 1), eperm},
		{"ipc with a version", withArchs(profile(specs.ActErrno, allow("shmget")), specs.ArchX86), x86(117, 1<<16|23), unix.SECCOMP_RET_ALLOW},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code := mustCompile(t, c.p, specs.ArchX86_64).Instructions
			if got, _, _ := run(code, c.c); got != c.want {
				t.Errorf("got %s, want %s\n%s", verdictName(got), verdictName(c.want), list(code))
			}
			if got := evaluate(c.p, specs.ArchX86_64, c.c); got != c.want {
				t.Errorf("plain evaluation: got %s, want %s", verdictName(got), verdictName(c.want))
			}
		})
	}
}

func TestOtherMachines(t *testing.T) {
	p := profile(specs.ActErrno, allow("read set_tls setup"), allow("clone", arg(1, specs.OpEqualTo, 1<<32|7)))
	cases := []struct {
		native specs.Arch
		c      call
		want   uint32
	}{
		{specs.ArchARM, call{nr: 0xf0005, audit: unix.AUDIT_ARCH_ARM}, unix.SECCOMP_RET_ALLOW},
		{specs.ArchARM, call{nr: 0xf0004, audit: unix.AUDIT_ARCH_ARM}, unix.SECCOMP_RET_ERRNO | 1},
		{specs.ArchARM, call{nr: 0xf0007, audit: unix.AUDIT_ARCH_ARM}, enosys},
		{specs.ArchARM, call{nr: 900, audit: unix.AUDIT_ARCH_ARM}, enosys},
		{specs.ArchS390X, call{nr: 0, audit: unix.AUDIT_ARCH_S390X}, enosys},
		{specs.ArchS390X, call{nr: 120, audit: unix.AUDIT_ARCH_S390X, args: [6]uint64{0, 1<<32 | 7}, big: true}, unix.SECCOMP_RET_ALLOW},
		{specs.ArchMIPS, call{nr: 4003, audit: unix.AUDIT_ARCH_MIPS, big: true}, unix.SECCOMP_RET_ALLOW},
		{specs.ArchMIPS, call{nr: 3, audit: unix.AUDIT_ARCH_MIPS, big: true}, unix.SECCOMP_RET_ERRNO | 1},
		{specs.ArchMIPSEL64, call{nr: 5000, audit: unix.AUDIT_ARCH_MIPSEL64}, unix.SECCOMP_RET_ALLOW},
		{specs.ArchMIPS, call{nr: 4120, audit: unix.AUDIT_ARCH_MIPS, args: [6]uint64{0, 7}, big: true}, unix.SECCOMP_RET_ALLOW},
	}
	for _, c := range cases {
		code := mustCompile(t, p, c.native).Instructions
		if got, _, _ := run(code, c.c); got != c.want {
			t.Errorf("%s, call %d: got %s, want %s\n%s", c.native, c.c.nr, verdictName(got), verdictName(c.want), list(code))
		}
	}
}

func TestErrors(t *testing.T) {
	n := func(v uint) *uint { return &v }
	cases := []struct {
		p    *specs.LinuxSeccomp
		want string
	}{
		{profile("ALLOW"), `/linux/seccomp/defaultAction: unknown action "ALLOW"`},
		{profile(specs.ActNotify), `/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be the default: name the calls that the agent is to decide`},
		{profile(specs.ActAllow, entryOf(specs.ActNotify, "mount")), `/linux/seccomp/listenerPath: missing: SCMP_ACT_NOTIFY needs the socket of an agent that decides`},
		{&specs.LinuxSeccomp{DefaultAction: specs.ActAllow, ListenerMetadata: "x"}, `/linux/seccomp/listenerMetadata: has nobody to go to: it needs listenerPath`},
		{profile(specs.ActAllow, entryOf("x", "mount")), `/linux/seccomp/syscalls/0/action: unknown action "x"`},
		{&specs.LinuxSeccomp{DefaultAction: specs.ActAllow, DefaultErrnoRet: n(1)}, `/linux/seccomp/defaultErrnoRet: SCMP_ACT_ALLOW returns no errno: remove it, or use SCMP_ACT_ERRNO`},
		{&specs.LinuxSeccomp{DefaultAction: specs.ActErrno, DefaultErrnoRet: n(4096)}, `/linux/seccomp/defaultErrnoRet: 4096 is out of range, the largest is 4095`},
		{profile(specs.ActErrno, specs.LinuxSyscall{Names: []string{"read"}, Action: specs.ActAllow, ErrnoRet: n(1)}), `/linux/seccomp/syscalls/0/errnoRet: SCMP_ACT_ALLOW returns no errno: remove it, or use SCMP_ACT_ERRNO`},
		{profile(specs.ActErrno, allow("read", arg(6, specs.OpEqualTo, 0))), `/linux/seccomp/syscalls/0/args/0/index: 6 is out of range: a system call has arguments 0 to 5`},
		{profile(specs.ActErrno, allow("read", arg(0, "EQ", 0))), `/linux/seccomp/syscalls/0/args/0/op: unknown operator "EQ"`},
		{profile(specs.ActErrno, specs.LinuxSyscall{Names: []string{"read", ""}, Action: specs.ActAllow}), `/linux/seccomp/syscalls/0/names/1: empty name`},
		{&specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Architectures: []specs.Arch{"x86"}}, `/linux/seccomp/architectures/0: unknown architecture "x86"`},
		{&specs.LinuxSeccomp{DefaultAction: specs.ActAllow, Flags: []specs.LinuxSeccompFlag{"LOG"}}, `/linux/seccomp/flags/0: unknown flag "LOG"`},
	}
	for _, c := range cases {
		_, err := Compile(c.p)
		var fe *FieldError
		if !errors.As(err, &fe) || err.Error() != c.want || !strings.HasPrefix(c.want, fe.Pointer()+": ") {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestTooLong(t *testing.T) {
	p := profile(specs.ActErrno)
	for v := range uint64(2000) {
		p.Syscalls = append(p.Syscalls, allow("socket", arg(0, specs.OpEqualTo, v<<32|v)))
	}
	_, err := Compile(p)
	if err == nil || !strings.HasPrefix(err.Error(), "/linux/seccomp/syscalls: the filter has ") {
		t.Errorf("got %v", err)
	}
}

func TestFlagsAndUnknown(t *testing.T) {
	p := profile(specs.ActAllow, entryOf(specs.ActErrno, "read no_such_call mount tomorrows_call"))
	p.Flags = []specs.LinuxSeccompFlag{"SECCOMP_FILTER_FLAG_TSYNC", specs.LinuxSeccompFlagLog, specs.LinuxSeccompFlagSpecAllow, specs.LinuxSeccompFlagWaitKillableRecv}
	p.Architectures = []specs.Arch{specs.ArchMIPS64N32, specs.ArchMIPS64}
	prog := mustCompile(t, p, specs.ArchMIPS64)
	if want := uint(unix.SECCOMP_FILTER_FLAG_LOG | unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW); prog.Flags != want {
		t.Errorf("got flags %#x, want %#x", prog.Flags, want)
	}
	if want := []string{"SCMP_ARCH_MIPS64N32", "no_such_call", "tomorrows_call"}; !slices.Equal(prog.Unknown, want) {
		t.Errorf("got unknown %q, want %q", prog.Unknown, want)
	}
	if prog, err := Compile(nil); err != nil || prog.Instructions != nil {
		t.Errorf("no profile: got %v, %v", prog, err)
	}
}

// Differential tests: the filter against the plain evaluation.

func FuzzCompile(f *testing.F) {
	for seed := range uint64(120) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		native := natives()[r.IntN(len(natives()))]
		p := randomProfile(r, native)
		prog, err := compile(p, native)
		if err != nil {
			t.Skip(err) // too long
		}
		if err := verify(prog.Instructions); err != nil {
			t.Fatalf("%v\n%s", err, asJSON(p))
		}
		for range 300 {
			c := randomCall(r, p, native)
			got, _, _ := run(prog.Instructions, c)
			if want := evaluate(p, native, c); got != want {
				t.Fatalf("%s, %+v: got %s, want %s\n%s\n%s", native, c, verdictName(got), verdictName(want), asJSON(p), list(prog.Instructions))
			}
		}
	})
}

// FuzzProfile feeds arbitrary JSON: any profile is refused by pointer or gives a
// program that the kernel would take.
func FuzzProfile(f *testing.F) {
	f.Add([]byte(asJSON(Default(nil))))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_TRAP","args":[{"index":5,"op":"SCMP_CMP_NE"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p specs.LinuxSeccomp
		if json.Unmarshal(data, &p) != nil {
			return
		}
		for _, native := range natives() {
			prog, err := compile(&p, native)
			var fe *FieldError
			if err != nil && !errors.As(err, &fe) {
				t.Fatalf("error without a pointer: %v", err)
			}
			if err == nil {
				if err := verify(prog.Instructions); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func asJSON(p *specs.LinuxSeccomp) string {
	b, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Small sets, so that rules meet.
var (
	someActions = []specs.LinuxSeccompAction{specs.ActAllow, specs.ActAllow, specs.ActErrno, specs.ActErrno, specs.ActKill,
		specs.ActKillProcess, specs.ActTrap, specs.ActTrace, specs.ActLog}
	someOps = []specs.LinuxSeccompOperator{specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpEqualTo,
		specs.OpGreaterEqual, specs.OpGreaterThan, specs.OpMaskedEqual}
	someValues = []uint64{0, 1, 2, 8, 11, 20, 24, 0xff, 0x7e020000, 1<<32 - 1, 1 << 32, 1<<32 | 1, 1<<32 | 2, 1 << 63, 1<<64 - 2, 1<<64 - 1}
	busyNames  = []string{"socket", "bind", "socketcall", "ipc", "semop", "clone", "read"}
)

func pickOne[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func randomProfile(r *rand.Rand, native specs.Arch) *specs.LinuxSeccomp {
	p := &specs.LinuxSeccomp{}
	p.DefaultAction, p.DefaultErrnoRet = randomAction(r)
	for range r.IntN(4) {
		p.Architectures = append(p.Architectures, abis[r.IntN(len(abis))].arch)
	}
	for range r.IntN(40) {
		s := specs.LinuxSyscall{}
		s.Action, s.ErrnoRet = randomAction(r)
		for range 1 + r.IntN(1<<r.IntN(7)) {
			s.Names = append(s.Names, randomName(r))
		}
		if r.IntN(2) == 0 {
			for range r.IntN(4) {
				s.Args = append(s.Args, arg(uint(r.IntN(6)), pickOne(r, someOps), pickOne(r, someValues), pickOne(r, someValues)))
			}
		}
		p.Syscalls = append(p.Syscalls, s)
	}
	return p
}

func randomAction(r *rand.Rand) (specs.LinuxSeccompAction, *uint) {
	a := pickOne(r, someActions)
	if (a == specs.ActErrno || a == specs.ActTrace) && r.IntN(2) == 0 {
		n := []uint{0, 1, 22, 38}[r.IntN(4)]
		return a, &n
	}
	return a, nil
}

func randomName(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return "no_such_call"
	case 1, 2:
		return pickOne(r, busyNames)
	}
	return nameAt(r.IntN(nameCount))
}

// randomCall is mostly one that the profile has something to say about.
func randomCall(r *rand.Rand, p *specs.LinuxSeccomp, native specs.Arch) call {
	a, _ := findABI(native)
	if len(p.Architectures) > 0 && r.IntN(2) == 0 {
		a, _ = findABI(pickOne(r, p.Architectures))
	}
	c := call{audit: a.audit, big: a.big, nr: uint32(r.IntN(600)) + a.base}
	if r.IntN(20) == 0 {
		c.nr = pickOne(r, []uint32{0, 0xffffffff, x32Bit, x32Bit + 600, x32Bit - 1, 0xf0000, 0xf0005, 0xf0007, 4000, 5000})
	}
	if len(p.Syscalls) > 0 && r.IntN(3) > 0 {
		if nr := plainNumber(a, pickOne(r, pickOne(r, p.Syscalls).Names)); nr >= 0 {
			c.nr = uint32(nr)
		}
	}
	for i := range c.args {
		c.args[i] = pickOne(r, someValues)
	}
	return c
}

// TestNotify: calls put before an agent, with and without conditions, make the
// kernel make a listener; a path alone does not.
func TestNotify(t *testing.T) {
	p := profile(specs.ActAllow, entryOf(specs.ActNotify, "mkdir"),
		specs.LinuxSyscall{Names: []string{"kill"}, Action: specs.ActNotify, Args: []specs.LinuxSeccompArg{arg(1, specs.OpEqualTo, 9)}})
	p.ListenerPath = "/run/agent.sock"
	p.Flags = []specs.LinuxSeccompFlag{specs.LinuxSeccompFlagWaitKillableRecv}
	program := mustCompile(t, p, specs.ArchX86_64)
	if want := uint(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV); program.Flags != want {
		t.Errorf("flags: got %#x, want %#x", program.Flags, want)
	}
	for _, c := range []struct {
		call call
		want uint32
	}{
		{call{nr: 83, audit: unix.AUDIT_ARCH_X86_64}, unix.SECCOMP_RET_USER_NOTIF}, // mkdir
		{call{nr: 62, audit: unix.AUDIT_ARCH_X86_64, args: [6]uint64{1, 9}}, unix.SECCOMP_RET_USER_NOTIF},
		{call{nr: 62, audit: unix.AUDIT_ARCH_X86_64, args: [6]uint64{1, 15}}, unix.SECCOMP_RET_ALLOW},
		{call{nr: 0, audit: unix.AUDIT_ARCH_X86_64}, unix.SECCOMP_RET_ALLOW},
	} {
		if got, _, _ := run(program.Instructions, c.call); got != c.want {
			t.Errorf("call %d: got %s, want %s", c.call.nr, verdictName(got), verdictName(c.want))
		}
	}
	p.Syscalls = nil
	if got := mustCompile(t, p, specs.ArchX86_64).Flags; got != 0 {
		t.Errorf("nothing to tell, yet flags %#x", got)
	}
}
