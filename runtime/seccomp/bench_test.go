package seccomp

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		Default(nil)
	}
}

// BenchmarkCompile compiles the default profile, of 380 names, for one, two and
// three architectures.
func BenchmarkCompile(b *testing.B) {
	for _, archs := range [][]specs.Arch{nil, {specs.ArchX86}, {specs.ArchX86, specs.ArchX32}} {
		p := Default(nil)
		p.Architectures = archs
		name := string(specs.ArchX86_64)
		for _, a := range archs {
			name += "+" + string(a)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var prog Program
			for b.Loop() {
				prog, _ = compile(p, specs.ArchX86_64)
			}
			b.ReportMetric(float64(len(prog.Instructions)), "instructions")
		})
	}
}

// TestDefaultIsShort holds the price of one system call: with the default
// profile no call without conditions takes more than 14 instructions or looks
// at an argument (else the kernel could not skip the filter for it).
func TestDefaultIsShort(t *testing.T) {
	p := Default(nil)
	p.Architectures = []specs.Arch{specs.ArchX86_64, specs.ArchX86, specs.ArchX32}
	code := mustCompile(t, p, specs.ArchX86_64).Instructions
	most, names := 0, 0
	for _, s := range p.Syscalls {
		if len(s.Args) > 0 {
			continue
		}
		for _, name := range s.Names {
			a, _ := findABI(specs.ArchX86_64)
			nr := plainNumber(a, name)
			if nr < 0 {
				continue
			}
			names++
			_, steps, readArg := run(code, call{nr: uint32(nr), audit: unix.AUDIT_ARCH_X86_64})
			if readArg {
				t.Errorf("%s: the filter reads an argument", name)
			}
			most = max(most, steps)
		}
	}
	t.Logf("%d names, %d instructions, at most %d for a call", names, len(code), most)
	if most > 14 {
		t.Errorf("got %d instructions for one call, want at most 14", most)
	}
}

// TestDefaultIsKnown finds misspelt names.
func TestDefaultIsKnown(t *testing.T) {
	p := Default([]string{"CAP_SYS_ADMIN"})
	for _, g := range capabilityCalls {
		p.Syscalls = append(p.Syscalls, allow(g.calls))
	}
	p.Syscalls = append(p.Syscalls, allow(socketCalls), allow(ipcCalls))
	for _, native := range natives() {
		for _, name := range mustCompile(t, p, native).Unknown {
			if name != "-" {
				t.Errorf("%s: unknown name %s", native, name)
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		find("rt_sigprocmask")
	}
}
