package process

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// setMemory needs no privilege; the policy is the thread's and survives execve.
type setMemory struct {
	note
	mode int
	mask nodeMask
	spec *specs.LinuxMemoryPolicy
}

// Do passes one more than the number of bits: the kernel counts from one.
func (o setMemory) Do() error {
	return raw(unix.SYS_SET_MEMPOLICY, uintptr(o.mode), uintptr(unsafe.Pointer(&o.mask)), maxNode+2)
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

func (o setPersonality) Do() error {
	return raw(unix.SYS_PERSONALITY, o.persona, 0, 0)
}

func (o setPersonality) String() string { return "personality " + strings.ToUpper(string(o.domain)) }
