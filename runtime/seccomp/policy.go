package seccomp

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A policy is a profile with every name resolved: which verdict holds for the
// call in each column of numbers. It is the same for all architectures.
type policy struct {
	// verdicts[0] is the default action.
	verdicts []verdict
	// of has an index into verdicts for each name.
	of [nameCount]uint16
	// named says which names the profile has, be it for the default action.
	named   [nameCount]bool
	unknown []string
}

// A verdict decides one call: the first rule that matches, else ret.
type verdict struct {
	rules []rule
	ret   uint32 // SECCOMP_RET_*
}

// A rule applies if all its conditions hold.
type rule struct {
	args []specs.LinuxSeccompArg
	ret  uint32
}

const enosys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)

// parsePolicy checks and resolves a profile, apart from flags and architectures.
func parsePolicy(p *specs.LinuxSeccomp) (*policy, error) {
	ret, err := action(p.DefaultAction, p.DefaultErrnoRet, "/defaultAction", "/defaultErrnoRet")
	if err != nil {
		return nil, err
	}
	if p.DefaultAction == specs.ActNotify { // as in runc: who would answer for the agent's own helpers, or for execve?
		return nil, fieldError("/defaultAction", "%s cannot be the default: name the calls that the agent is to decide", p.DefaultAction)
	}
	pol := &policy{verdicts: make([]verdict, 1, 32)}
	pol.verdicts[0] = verdict{ret: ret}
	for i := range p.Syscalls {
		if err := pol.addEntry(&p.Syscalls[i], i); err != nil {
			return nil, err
		}
	}
	return pol, nil
}

// addEntry adds number i of the profile's syscalls.
func (pol *policy) addEntry(s *specs.LinuxSyscall, i int) error {
	ret, err := entryAction(s, i)
	if err != nil {
		return err
	}
	if err := checkArgs(s.Args, i); err != nil {
		return err
	}
	rules := split(s.Args, ret)
	for k, name := range s.Names {
		if name == "" {
			return fieldError(fmt.Sprintf("/syscalls/%d/names/%d", i, k), "empty name")
		}
		n := find(name)
		if n < 0 {
			pol.unknown = append(pol.unknown, name)
			continue
		}
		pol.named[n] = true
		if ret != pol.verdicts[0].ret {
			pol.add(n, ret, rules)
		}
	}
	return nil
}

// add makes rules, or ret at once if there are none, hold for name n.
func (pol *policy) add(n int, ret uint32, rules []rule) {
	now := pol.of[n]
	switch {
	case len(rules) == 0 && (now == 0 || pol.conditional(now)):
		pol.of[n] = pol.final(ret)
	case len(rules) == 0: // the first rule without conditions holds
	case now == 0:
		pol.of[n] = uint16(len(pol.verdicts))
		own := append([]rule(nil), rules...)
		pol.verdicts = append(pol.verdicts, verdict{own, pol.verdicts[0].ret})
	case pol.conditional(now):
		pol.verdicts[now].rules = append(pol.verdicts[now].rules, rules...)
	}
}

// notifies says whether any call is put before an agent.
func (pol *policy) notifies() bool {
	for _, v := range pol.verdicts {
		if v.ret == unix.SECCOMP_RET_USER_NOTIF {
			return true
		}
		for _, r := range v.rules {
			if r.ret == unix.SECCOMP_RET_USER_NOTIF {
				return true
			}
		}
	}
	return false
}

func (pol *policy) conditional(v uint16) bool { return len(pol.verdicts[v].rules) > 0 }

// final returns the verdict that is ret whatever the arguments. All calls with
// the same action share it, so neighbours become one range.
func (pol *policy) final(ret uint32) uint16 {
	for i := range pol.verdicts {
		if pol.verdicts[i].ret == ret && len(pol.verdicts[i].rules) == 0 {
			return uint16(i)
		}
	}
	pol.verdicts = append(pol.verdicts, verdict{ret: ret})
	return uint16(len(pol.verdicts) - 1)
}

// beyond returns the verdict on calls newer than the profile. A tracer is
// thought to deal with ENOSYS by itself, hence TRACE counts as letting pass.
func (pol *policy) beyond() uint16 {
	switch pol.verdicts[0].ret & unix.SECCOMP_RET_ACTION_FULL {
	case unix.SECCOMP_RET_ALLOW, unix.SECCOMP_RET_LOG, unix.SECCOMP_RET_TRACE:
		return 0
	}
	return pol.final(enosys)
}

// split makes rules of the conditions of an entry: one with all of them, or one
// for each if two are about the same argument.
func split(args []specs.LinuxSeccompArg, ret uint32) []rule {
	if len(args) == 0 {
		return nil
	}
	var seen uint
	twice := false
	for _, a := range args {
		twice = twice || seen&(1<<a.Index) != 0
		seen |= 1 << a.Index
	}
	if !twice {
		return []rule{{args, ret}}
	}
	rules := make([]rule, len(args))
	for i := range args {
		rules[i] = rule{args[i : i+1], ret}
	}
	return rules
}
