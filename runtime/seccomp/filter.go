package seccomp

import (
	"math"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data (linux/seccomp.h).
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

// assemble writes the filter: load the architecture, compare, and for each a
// binary tree of comparisons with the number. No path to a verdict without
// conditions reads more than these two words, so that the kernel (5.11) sees
// which calls are always allowed and skips the filter for them.
func assemble(pol *policy, targets []*abi) []unix.SockFilter {
	beyond := pol.beyond()
	foreign := pol.final(unix.SECCOMP_RET_KILL_PROCESS)
	w := &writer{code: make([]unix.SockFilter, 0, 512)}
	var spans []span
	entries := make([]entry, 0, len(targets))
	for _, a := range targets {
		if listed(entries, a.audit) {
			continue
		}
		spans = pol.sectionSpans(spans[:0], a, targets, beyond, foreign)
		s := section{w, pol, a, make([]label, len(pol.verdicts))}
		entries = append(entries, entry{a.audit, w.load(offsetNumber, s.tree(spans))})
	}
	next := w.ret(unix.SECCOMP_RET_KILL_PROCESS)
	for i := len(entries) - 1; i >= 0; i-- {
		next = w.jump(unix.BPF_JEQ, entries[i].audit, entries[i].at, next)
	}
	w.load(offsetArch, next)
	return w.program()
}

// An entry is where the code for an audit architecture begins.
type entry struct {
	audit uint32
	at    label
}

func listed(entries []entry, audit uint32) bool {
	for _, e := range entries {
		if e.audit == audit {
			return true
		}
	}
	return false
}

// sectionSpans returns the spans for a's audit architecture.
func (pol *policy) sectionSpans(list []span, a *abi, targets []*abi, beyond, foreign uint16) []span {
	if a.audit == unix.AUDIT_ARCH_X86_64 {
		return pol.x86Spans(list, targets, beyond, foreign)
	}
	return pol.spans(list, a, beyond)
}

// A section is the code for one audit architecture.
type section struct {
	w   *writer
	pol *policy
	abi *abi
	at  []label // of each verdict with conditions, 0 if not written yet
}

// tree writes the search for the span that a number is in, and returns its
// beginning.
func (s section) tree(spans []span) label {
	if len(spans) == 1 {
		return s.verdict(spans[0].verdict)
	}
	mid := len(spans) / 2
	above := s.tree(spans[mid:])
	below := s.tree(spans[:mid])
	return s.w.jump(unix.BPF_JGE, spans[mid].start, above, below)
}

// verdict returns where a verdict is decided. The same call can be reached from
// several places in the tree, so the code is written once.
func (s section) verdict(i uint16) label {
	v := &s.pol.verdicts[i]
	if len(v.rules) == 0 {
		return s.w.ret(v.ret)
	}
	if s.at[i] == 0 {
		next := s.w.ret(v.ret)
		for k := len(v.rules) - 1; k >= 0; k-- {
			next = s.rule(v.rules[k], next)
		}
		s.at[i] = next
	}
	return s.at[i]
}

// rule writes the test of all conditions of a rule.
func (s section) rule(r rule, otherwise label) label {
	next := s.w.ret(r.ret)
	for k := len(r.args) - 1; k >= 0; k-- {
		next = s.condition(r.args[k], next, otherwise)
	}
	return next
}

// condition writes one comparison of an argument.
func (s section) condition(arg specs.LinuxSeccompArg, yes, no label) label {
	c := comparison{s.w, s.abi, arg, yes, no}
	switch arg.Op {
	case specs.OpEqualTo:
		return c.equal(math.MaxUint64, arg.Value)
	case specs.OpMaskedEqual:
		return c.equal(arg.Value, arg.ValueTwo&arg.Value)
	case specs.OpNotEqual:
		c.yes, c.no = no, yes
		return c.equal(math.MaxUint64, arg.Value)
	case specs.OpGreaterEqual:
		return c.greater(unix.BPF_JGE)
	case specs.OpGreaterThan:
		return c.greater(unix.BPF_JGT)
	case specs.OpLessThan:
		c.yes, c.no = no, yes
		return c.greater(unix.BPF_JGE)
	default: // specs.OpLessEqual, by checkArgs
		c.yes, c.no = no, yes
		return c.greater(unix.BPF_JGT)
	}
}
