package runtime

import (
	"encoding/binary"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/process"
	"mini/runtime/seccomp"
)

// Filter is /linux/seccomp as the kernel takes it. Whoever plans first compiles
// it; init, and the probes of a container that is watched, find it done.
type Filter struct {
	Program []byte // instructions of struct sock_filter, in the machine's order
	Flags   uint
}

// instruction is the size of a struct sock_filter.
const instruction = 8

// compile makes the filter of a profile, once.
func (p *Plan) compile() (*process.Filter, error) {
	profile := p.linux().Seccomp
	if profile == nil {
		return nil, nil
	}
	if p.config.Filter != nil {
		return p.config.Filter.unpack(), nil
	}
	program, err := seccomp.Compile(profile)
	if err != nil {
		return nil, err
	}
	for _, name := range program.Unknown {
		p.warn("/linux/seccomp", "this build knows no system call "+name+": its rule has no effect")
	}
	p.config.Filter = packFilter(program.Instructions, program.Flags)
	return &process.Filter{Program: program.Instructions, Flags: program.Flags}, nil
}

func packFilter(program []unix.SockFilter, flags uint) *Filter {
	f := &Filter{Program: make([]byte, 0, len(program)*instruction), Flags: flags}
	for _, i := range program {
		f.Program = binary.NativeEndian.AppendUint16(f.Program, i.Code)
		f.Program = append(f.Program, i.Jt, i.Jf)
		f.Program = binary.NativeEndian.AppendUint32(f.Program, i.K)
	}
	return f
}

func (f *Filter) unpack() *process.Filter {
	program := make([]unix.SockFilter, len(f.Program)/instruction)
	for n := range program {
		b := f.Program[n*instruction:]
		program[n] = unix.SockFilter{
			Code: binary.NativeEndian.Uint16(b), Jt: b[2], Jf: b[3], K: binary.NativeEndian.Uint32(b[4:]),
		}
	}
	return &process.Filter{Program: program, Flags: f.Flags}
}

// withoutRules is for init: the longest list of most configurations is in the
// filter already.
func withoutRules(l *specs.Linux) *specs.Linux {
	if l == nil || l.Seccomp == nil {
		return l
	}
	linux, profile := *l, *l.Seccomp
	profile.Syscalls = nil
	linux.Seccomp = &profile
	return &linux
}
