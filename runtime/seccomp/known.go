package seccomp

import "github.com/opencontainers/runtime-spec/specs-go"

// Known is what a profile may use, in the specification's words.
type Known struct {
	Actions, Operators, Archs []string
	Flags                     map[string]uint // to the SECCOMP_FILTER_FLAG_* of the kernel, 0: taken, but of no effect
}

// Understood asks the compiler which of the specification's words it takes.
func Understood() Known {
	k := Known{Flags: map[string]uint{}}
	for _, a := range [...]specs.LinuxSeccompAction{
		specs.ActKill, specs.ActKillProcess, specs.ActKillThread, specs.ActTrap, specs.ActErrno,
		specs.ActTrace, specs.ActAllow, specs.ActLog, specs.ActNotify,
	} {
		if _, err := action(a, nil, "", ""); err == nil {
			k.Actions = append(k.Actions, string(a))
		}
	}
	for _, op := range [...]specs.LinuxSeccompOperator{
		specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpEqualTo,
		specs.OpGreaterEqual, specs.OpGreaterThan, specs.OpMaskedEqual,
	} {
		if checkArgs([]specs.LinuxSeccompArg{{Op: op}}, 0) == nil {
			k.Operators = append(k.Operators, string(op))
		}
	}
	for i := range abis {
		k.Archs = append(k.Archs, string(abis[i].arch))
	}
	for _, f := range [...]specs.LinuxSeccompFlag{
		"SECCOMP_FILTER_FLAG_TSYNC", specs.LinuxSeccompFlagSpecAllow, specs.LinuxSeccompFlagLog,
		specs.LinuxSeccompFlagWaitKillableRecv,
	} {
		if bits, err := parseFlags([]specs.LinuxSeccompFlag{f}); err == nil {
			k.Flags[string(f)] = bits
		}
	}
	return k
}
