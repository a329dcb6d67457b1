package seccomp

import (
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// A comparison of an argument, 64 bits wide, on a machine of 32: the upper half
// first, which mostly decides, then the lower. It writes back to front, so the
// lower half comes first in the functions.
type comparison struct {
	w       *writer
	abi     *abi
	arg     specs.LinuxSeccompArg
	yes, no label
}

// equal tests argument&mask == value.
func (c comparison) equal(mask, value uint64) label {
	next := c.yes
	if lo := uint32(mask); lo != 0 {
		next = c.half(lo, uint32(value), next, c.lower())
	}
	if hi := uint32(mask >> 32); hi != 0 && c.abi.wide {
		next = c.half(hi, uint32(value>>32), next, c.upper())
	}
	return next
}

// half tests the half of the argument at an offset.
func (c comparison) half(mask, value uint32, yes label, offset uint32) label {
	at := c.w.jump(unix.BPF_JEQ, value, yes, c.no)
	if mask != 0xffffffff {
		at = c.w.and(mask, at)
	}
	return c.w.load(offset, at)
}

// greater tests argument > value or argument >= value, as op is JGT or JGE.
func (c comparison) greater(op uint16) label {
	lo, hi := uint32(c.arg.Value), uint32(c.arg.Value>>32)
	lower := c.w.load(c.lower(), c.w.jump(op, lo, c.yes, c.no))
	if !c.abi.wide {
		return lower
	}
	same := c.w.jump(unix.BPF_JEQ, hi, lower, c.no)
	return c.w.load(c.upper(), c.w.jump(unix.BPF_JGT, hi, c.yes, same))
}

// lower is the offset of the lower half of the argument. Arguments have 64 bits
// in seccomp_data, whatever the architecture.
func (c comparison) lower() uint32 {
	if c.abi.big {
		return offsetArgs + 8*uint32(c.arg.Index) + 4
	}
	return offsetArgs + 8*uint32(c.arg.Index)
}

func (c comparison) upper() uint32 {
	if c.abi.big {
		return offsetArgs + 8*uint32(c.arg.Index)
	}
	return offsetArgs + 8*uint32(c.arg.Index) + 4
}
