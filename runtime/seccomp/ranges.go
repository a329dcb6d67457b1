package seccomp

import (
	"math"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A span is a run of system call numbers with one verdict, up to the next span.
type span struct {
	start   uint32
	verdict uint16
}

// slots is how many numbers above its base a table can have; the last few are
// for arm's private ones.
const (
	slots       = 1024
	privateSlot = slots - 16
)

// spans appends to list what holds for the numbers of one ABI, from the first
// number to the largest of 32 bits. beyond is for numbers above those of all
// calls that the profile names; a profile that names none has no such numbers.
func (pol *policy) spans(list []span, a *abi, beyond uint16) []span {
	var slot [slots]uint16
	last := -1
	for n, nr := range &numbers[a.table] {
		switch {
		case nr == absent:
		case nr >= privateMark:
			slot[privateSlot+int(nr-privateMark)] = pol.of[n] + 1
		default:
			slot[nr] = pol.of[n]
			if pol.named[n] && int(nr) > last {
				last = int(nr)
			}
		}
	}
	if last < 0 {
		beyond = 0
	}
	if a.arch == specs.ArchS390X && beyond != 0 {
		// Numbers above 255 travel in a register and leave 0 here, where the kernel
		// does not know them. The call 0, setup(2), is long gone.
		slot[0] = beyond
	}
	if a.base != 0 && a.base != x32Bit { // below mips' numbers
		list = push(list, 0, 0)
	}
	for nr := 0; nr <= last; nr++ {
		list = push(list, a.base+uint32(nr), slot[nr])
	}
	list = push(list, a.base+uint32(last+1), beyond)
	for k := uint32(0); k < slots-privateSlot; k++ {
		if v := slot[privateSlot+k]; v != 0 {
			list = push(list, privateBase+k, v-1)
			list = push(list, privateBase+k+1, beyond)
		}
	}
	return list
}

// push starts a span unless the number only continues the one before it.
func push(list []span, start uint32, verdict uint16) []span {
	n := len(list)
	if n > 0 && list[n-1].start == start {
		list, n = list[:n-1], n-1
	}
	if n > 0 && list[n-1].verdict == verdict {
		return list
	}
	return append(list, span{start, verdict})
}

// x86Spans returns the spans of x86_64 and x32, which arrive under one audit
// architecture; either may be missing, and its numbers then are foreign. The
// number -1 is not x32's: a tracer sets it to skip a call.
func (pol *policy) x86Spans(list []span, targets []*abi, beyond, foreign uint16) []span {
	list = push(list, 0, foreign)
	if a := pick(targets, specs.ArchX86_64); a != nil {
		list = pol.spans(list, a, beyond)
	}
	list = push(list, x32Bit, foreign)
	if a := pick(targets, specs.ArchX32); a != nil {
		list = pol.spans(list, a, beyond)
	}
	return push(list, math.MaxUint32, 0)
}

func pick(targets []*abi, name specs.Arch) *abi {
	for _, t := range targets {
		if t.arch == name {
			return t
		}
	}
	return nil
}
