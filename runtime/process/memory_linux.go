package process

import (
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// setMemory needs no privilege; the policy is the thread's and survives execve.
type setMemory struct {
	note
	mode int
	mask nodeMask
	spec *specs.LinuxMemoryPolicy
}

func (o setMemory) Do() error { return calls.Do(o) }

// Calls passes one more than the number of bits: the kernel counts from one.
func (o setMemory) Calls(l *calls.List) {
	l.Call("", unix.SYS_SET_MEMPOLICY, calls.N(o.mode), calls.Struct(l, &o.mask).Arg(), calls.N(maxNode+2))
}

func (o setMemory) String() string {
	s := fmt.Sprintf("set_mempolicy %s", o.spec.Mode)
	if o.spec.Nodes != "" {
		s += " nodes=" + o.spec.Nodes
	}
	for _, f := range o.spec.Flags {
		s += " " + string(f)
	}
	return s
}

// setPersonality is kept by execve.
type setPersonality struct {
	note
	persona uintptr
	domain  specs.LinuxPersonalityDomain
}

func (o setPersonality) Do() error { return calls.Do(o) }

func (o setPersonality) Calls(l *calls.List) {
	l.Call("", unix.SYS_PERSONALITY, calls.N(o.persona))
}

func (o setPersonality) String() string { return "personality " + strings.ToUpper(string(o.domain)) }
