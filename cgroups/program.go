package cgroups

import "slices"

// insn is struct bpf_insn (linux/bpf.h). The register byte is little endian:
// destination low, source high.
type insn struct {
	Code uint8
	Regs uint8
	Off  int16
	Imm  int32
}

// maxInsns is the kernel's limit for a program (BPF_MAXINSNS, which bounds
// unprivileged ones; ours stay far below the 1,000,000 of the others).
const maxInsns = 4096

// Codes used here; the interpreter in the tests knows just these.
const (
	opLoadWord = 0x61 // dst = *(u32 *)(src + off)
	opMov32    = 0xbc // dst = (u32)src
	opMovImm   = 0xb7 // dst = imm
	opAnd32Imm = 0x54 // dst = (u32)dst & imm
	opRsh32Imm = 0x74 // dst = (u32)dst >> imm
	opJeqImm   = 0x15 // if dst == imm jump off
	opJneImm   = 0x55 // if dst != imm jump off
	opExit     = 0x95 // return r0
	opMov64    = 0xbf // dst = src
	opLsh64Imm = 0x67 // dst <<= imm
	opOr64     = 0x4f // dst |= src
	opLoadImm  = 0x18 // dst = imm, whose upper half is the next instruction's
	opJneReg   = 0x5d // if dst != src jump off
)

// Registers: the verdict, the context, and the request taken apart.
const (
	regVerdict = iota
	regContext
	regKind
	regPending // bits of the request that no rule has allowed yet
	regMajor
	regMinor
	regDevice // both numbers: major<<32 | minor
	regWanted // what it is compared with
)

// deviceProgram decides a request {access<<16 | type, major, minor}. It looks
// at the rules from the last to the first: an allow rule crosses its bits off
// the request, and all crossed off is yes; a deny rule that has a bit still
// pending is no, and so is the end of the list.
//
// The kernel follows a program through all its branches before it takes it, and
// remembers at each what the registers can be. That is most of what loading costs
// and grows with the branches, so rules in a row that allow all of a device are
// tested by one comparison each.
func deviceProgram(rules []rule) []insn {
	p := []insn{
		{Code: opLoadWord, Regs: regKind | regContext<<4},
		{Code: opMov32, Regs: regPending | regKind<<4},
		{Code: opAnd32Imm, Regs: regKind, Imm: 0xffff},
		{Code: opRsh32Imm, Regs: regPending, Imm: 16},
		{Code: opLoadWord, Regs: regMajor | regContext<<4, Off: 4},
		{Code: opLoadWord, Regs: regMinor | regContext<<4, Off: 8},
		{Code: opMov64, Regs: regDevice | regMajor<<4},
		{Code: opLsh64Imm, Regs: regDevice, Imm: 32},
		{Code: opOr64, Regs: regDevice | regMinor<<4},
	}
	for len(rules) > 0 {
		last := len(rules) - 1
		if r := rules[last]; r.everything() { // what comes before has no say
			return append(p, verdict(b2i(r.allow))...)
		}
		if n := plain(rules); n > 0 {
			p = append(p, group(rules[len(rules)-n:])...)
			rules = rules[:len(rules)-n]
			continue
		}
		p = append(p, block(rules[last])...)
		rules = rules[:last]
	}
	return append(p, verdict(0)...)
}

// plain is how many rules at the end allow all that can be done, to devices of
// one kind.
func plain(rules []rule) (n int) {
	kind := rules[len(rules)-1].kind
	for _, r := range slices.Backward(rules) {
		if !r.allow || r.access != accAll || r.kind == 0 || r.kind != kind {
			break
		}
		n++
	}
	return n
}

// group is the code of such rules: the kind is looked at once.
func group(rules []rule) []insn {
	var body []insn
	for _, r := range slices.Backward(rules) {
		yes := verdict(1)
		switch {
		case r.major >= 0 && r.minor >= 0:
			body = append(body,
				insn{Code: opLoadImm, Regs: regWanted, Imm: int32(r.minor)}, insn{Imm: int32(r.major)},
				insn{Code: opJneReg, Regs: regDevice | regWanted<<4, Off: int16(len(yes))})
		case r.major >= 0:
			body = append(body, insn{Code: opJneImm, Regs: regMajor, Imm: int32(r.major), Off: int16(len(yes))})
		case r.minor >= 0:
			body = append(body, insn{Code: opJneImm, Regs: regMinor, Imm: int32(r.minor), Off: int16(len(yes))})
		}
		body = append(body, yes...)
	}
	return append([]insn{{Code: opJneImm, Regs: regKind, Imm: int32(rules[0].kind), Off: int16(len(body))}}, body...)
}

// block is the code of one rule; it falls through if the rule does not decide.
func block(r rule) []insn {
	body := []insn{
		{Code: opMov32, Regs: regVerdict | regPending<<4},
		{Code: opAnd32Imm, Regs: regVerdict, Imm: int32(r.access)},
		{Code: opJeqImm, Regs: regVerdict, Imm: 0, Off: 2},
	}
	if r.allow {
		body = []insn{
			{Code: opAnd32Imm, Regs: regPending, Imm: int32(^r.access & accAll)},
			{Code: opJneImm, Regs: regPending, Imm: 0, Off: 2},
		}
	}
	body = append(body, verdict(b2i(r.allow))...)
	guards := guardsOf(r)
	for i := range guards {
		guards[i].Off = int16(len(guards) - 1 - i + len(body))
	}
	return append(guards, body...)
}

// guardsOf jumps over the block if the device is another one.
func guardsOf(r rule) []insn {
	var g []insn
	if r.kind != 0 {
		g = append(g, insn{Code: opJneImm, Regs: regKind, Imm: int32(r.kind)})
	}
	if r.major >= 0 {
		g = append(g, insn{Code: opJneImm, Regs: regMajor, Imm: int32(r.major)})
	}
	if r.minor >= 0 {
		g = append(g, insn{Code: opJneImm, Regs: regMinor, Imm: int32(r.minor)})
	}
	return g
}

func verdict(v int32) []insn {
	return []insn{{Code: opMovImm, Regs: regVerdict, Imm: v}, {Code: opExit}}
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
