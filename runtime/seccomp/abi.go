package seccomp

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// An abi is one way to make system calls: a column of numbers, and how its
// calls look in struct seccomp_data (linux/seccomp.h).
type abi struct {
	arch   specs.Arch
	family string // machines that run one of a family can run the others
	table  int    // row of numbers
	base   uint32 // added to the numbers of the table
	audit  uint32 // seccomp_data.arch
	wide   bool   // arguments have 64 bits
	big    bool   // big-endian
}

// x32Bit marks the number of an x32 call; everything else about it, the audit
// architecture included, is as for x86_64 (__X32_SYSCALL_BIT).
const x32Bit = 0x40000000

// No map: a package-level map costs time at the start of every process.
var abis = [...]abi{
	{specs.ArchX86_64, "x86", x86_64Table, 0, unix.AUDIT_ARCH_X86_64, true, false},
	{specs.ArchX32, "x86", x32Table, x32Bit, unix.AUDIT_ARCH_X86_64, true, false},
	{specs.ArchX86, "x86", x86Table, 0, unix.AUDIT_ARCH_I386, false, false},
	{specs.ArchAARCH64, "arm", aarch64Table, 0, unix.AUDIT_ARCH_AARCH64, true, false},
	{specs.ArchARM, "arm", armTable, 0, unix.AUDIT_ARCH_ARM, false, false},
	{specs.ArchRISCV64, "riscv", riscv64Table, 0, unix.AUDIT_ARCH_RISCV64, true, false},
	{specs.ArchLOONGARCH64, "loongarch", loongarch64Table, 0, unix.AUDIT_ARCH_LOONGARCH64, true, false},
	{specs.ArchPPC64LE, "ppcle", ppc64Table, 0, unix.AUDIT_ARCH_PPC64LE, true, false},
	{specs.ArchPPC64, "ppc", ppc64Table, 0, unix.AUDIT_ARCH_PPC64, true, true},
	{specs.ArchPPC, "ppc", ppcTable, 0, unix.AUDIT_ARCH_PPC, false, true},
	{specs.ArchS390X, "s390", s390xTable, 0, unix.AUDIT_ARCH_S390X, true, true},
	{specs.ArchMIPS64, "mips", mips64Table, 5000, unix.AUDIT_ARCH_MIPS64, true, true},
	{specs.ArchMIPS, "mips", mipsTable, 4000, unix.AUDIT_ARCH_MIPS, false, true},
	{specs.ArchMIPSEL64, "mipsel", mips64Table, 5000, unix.AUDIT_ARCH_MIPSEL64, true, false},
	{specs.ArchMIPSEL, "mipsel", mipsTable, 4000, unix.AUDIT_ARCH_MIPSEL, false, false},
}

// strangers are the architectures of the specification without a table.
var strangers = [...]struct {
	arch   specs.Arch
	family string
}{
	{specs.ArchMIPS64N32, "mips"},
	{specs.ArchMIPSEL64N32, "mipsel"},
	{specs.ArchS390, "s390"},
	{specs.ArchPARISC, "parisc"},
	{specs.ArchPARISC64, "parisc"},
	{specs.ArchM68K, "m68k"},
	{specs.ArchSH, "sh"},
	{specs.ArchSHEB, "sh"},
}

// native names the architecture of a GOARCH as the specification does, or
// returns "" if there is no table for it.
func native(goarch string) specs.Arch {
	switch goarch {
	case "386":
		return specs.ArchX86
	case "amd64":
		return specs.ArchX86_64
	case "arm":
		return specs.ArchARM
	case "arm64":
		return specs.ArchAARCH64
	case "loong64":
		return specs.ArchLOONGARCH64
	case "mips":
		return specs.ArchMIPS
	case "mips64":
		return specs.ArchMIPS64
	case "mips64le":
		return specs.ArchMIPSEL64
	case "mipsle":
		return specs.ArchMIPSEL
	case "ppc64":
		return specs.ArchPPC64
	case "ppc64le":
		return specs.ArchPPC64LE
	case "riscv64":
		return specs.ArchRISCV64
	case "s390x":
		return specs.ArchS390X
	}
	return ""
}

// chooseABIs returns the ABIs to write code for: the native one first, whether
// or not the profile lists it (libseccomp adds it too), then those listed that
// the same machine can run. Architectures of other machines are left out; those
// of this one that have no table are returned as unknown.
func chooseABIs(list []specs.Arch, native specs.Arch) (chosen []*abi, unknown []string, err error) {
	own, _ := findABI(native)
	if own == nil {
		return nil, nil, fieldError("", "no system call numbers for this machine's architecture: remove linux.seccomp")
	}
	chosen = append(chosen, own)
	for i, name := range list {
		a, family := findABI(name)
		switch {
		case family == "":
			return nil, nil, fieldError(fmt.Sprintf("/architectures/%d", i), "unknown architecture %q", name)
		case family != own.family:
		case a == nil:
			unknown = append(unknown, string(name))
		case !contains(chosen, a):
			chosen = append(chosen, a)
		}
	}
	return chosen, unknown, nil
}

// findABI returns a nil ABI for an architecture without a table, and "" as its
// family if the specification does not know it either.
func findABI(name specs.Arch) (*abi, string) {
	for i := range abis {
		if abis[i].arch == name {
			return &abis[i], abis[i].family
		}
	}
	for _, s := range strangers {
		if s.arch == name {
			return nil, s.family
		}
	}
	return nil, ""
}

func contains(list []*abi, a *abi) bool {
	for _, b := range list {
		if a == b {
			return true
		}
	}
	return false
}
