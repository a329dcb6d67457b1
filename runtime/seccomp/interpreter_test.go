package seccomp

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// A call is struct seccomp_data (linux/seccomp.h).
type call struct {
	nr, audit uint32
	args      [6]uint64
	big       bool // how the machine lays out args
}

func (c call) word(offset uint32) uint32 {
	switch {
	case offset == 0:
		return c.nr
	case offset == 4:
		return c.audit
	}
	arg, upper := c.args[(offset-16)/8], offset%8 == 4
	if upper != c.big {
		return uint32(arg >> 32)
	}
	return uint32(arg)
}

// verify makes the checks of the kernel's bpf_check_classic and
// seccomp_check_filter on the instructions that this package writes.
func verify(code []unix.SockFilter) error {
	if len(code) == 0 || len(code) > 4096 {
		return fmt.Errorf("%d instructions", len(code))
	}
	for i, in := range code {
		left := len(code) - i - 1
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			if in.K%4 != 0 || in.K >= 64 {
				return fmt.Errorf("instruction %d loads offset %d", i, in.K)
			}
		case unix.BPF_JMP | unix.BPF_JA:
			if int(in.K) >= left {
				return fmt.Errorf("instruction %d jumps out of the program", i)
			}
		case unix.BPF_JMP | unix.BPF_JEQ, unix.BPF_JMP | unix.BPF_JGT, unix.BPF_JMP | unix.BPF_JGE:
			if int(in.Jt) >= left || int(in.Jf) >= left {
				return fmt.Errorf("instruction %d jumps out of the program", i)
			}
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
		case unix.BPF_RET | unix.BPF_K:
		default:
			return fmt.Errorf("instruction %d has code %#x", i, in.Code)
		}
	}
	if last := code[len(code)-1]; last.Code != unix.BPF_RET|unix.BPF_K {
		return fmt.Errorf("the last instruction is no return")
	}
	return nil
}

// run interprets a verified program. It also says how many instructions it took
// and whether an argument was read.
func run(code []unix.SockFilter, c call) (ret uint32, steps int, readArg bool) {
	var a uint32
	for pc := 0; ; pc++ {
		steps++
		in := code[pc]
		taken := false
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = c.word(in.K)
			readArg = readArg || in.K >= 16
			continue
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= in.K
			continue
		case unix.BPF_RET | unix.BPF_K:
			return in.K, steps, readArg
		case unix.BPF_JMP | unix.BPF_JA:
			pc += int(in.K)
			continue
		case unix.BPF_JMP | unix.BPF_JEQ:
			taken = a == in.K
		case unix.BPF_JMP | unix.BPF_JGT:
			taken = a > in.K
		case unix.BPF_JMP | unix.BPF_JGE:
			taken = a >= in.K
		}
		if taken {
			pc += int(in.Jt)
		} else {
			pc += int(in.Jf)
		}
	}
}

// list prints a program with absolute targets.
func list(code []unix.SockFilter) string {
	var b strings.Builder
	for i, in := range code {
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			fmt.Fprintf(&b, "%3d  load %s\n", i, place(in.K))
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			fmt.Fprintf(&b, "%3d  and  %#x\n", i, in.K)
		case unix.BPF_RET | unix.BPF_K:
			fmt.Fprintf(&b, "%3d  ret  %s\n", i, verdictName(in.K))
		case unix.BPF_JMP | unix.BPF_JA:
			fmt.Fprintf(&b, "%3d  goto %d\n", i, i+1+int(in.K))
		default:
			op := map[uint16]string{unix.BPF_JEQ: "==", unix.BPF_JGT: ">", unix.BPF_JGE: ">="}[in.Code&0xf0]
			fmt.Fprintf(&b, "%3d  if   %s %#x goto %d else %d\n", i, op, in.K, i+1+int(in.Jt), i+1+int(in.Jf))
		}
	}
	return b.String()
}

func place(offset uint32) string {
	switch offset {
	case 0:
		return "number"
	case 4:
		return "arch"
	}
	return fmt.Sprintf("args[%d]+%d", (offset-16)/8, offset%8)
}

func verdictName(ret uint32) string {
	names := map[uint32]string{
		unix.SECCOMP_RET_ALLOW: "ALLOW", unix.SECCOMP_RET_LOG: "LOG", unix.SECCOMP_RET_TRACE: "TRACE",
		unix.SECCOMP_RET_ERRNO: "ERRNO", unix.SECCOMP_RET_TRAP: "TRAP",
		unix.SECCOMP_RET_KILL_THREAD: "KILL_THREAD", unix.SECCOMP_RET_KILL_PROCESS: "KILL_PROCESS",
	}
	name := names[ret&unix.SECCOMP_RET_ACTION_FULL]
	if data := ret & unix.SECCOMP_RET_DATA; data != 0 {
		return fmt.Sprintf("%s(%d)", name, data)
	}
	return name
}
