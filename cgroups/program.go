package cgroups

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
)

// Registers: the verdict, the context, and the request taken apart.
const (
	regVerdict = iota
	regContext
	regKind
	regPending // bits of the request that no rule has allowed yet
	regMajor
	regMinor
)

// deviceProgram decides a request {access<<16 | type, major, minor}. It looks
// at the rules from the last to the first: an allow rule crosses its bits off
// the request, and all crossed off is yes; a deny rule that has a bit still
// pending is no, and so is the end of the list.
func deviceProgram(rules []rule) []insn {
	p := []insn{
		{Code: opLoadWord, Regs: regKind | regContext<<4},
		{Code: opMov32, Regs: regPending | regKind<<4},
		{Code: opAnd32Imm, Regs: regKind, Imm: 0xffff},
		{Code: opRsh32Imm, Regs: regPending, Imm: 16},
		{Code: opLoadWord, Regs: regMajor | regContext<<4, Off: 4},
		{Code: opLoadWord, Regs: regMinor | regContext<<4, Off: 8},
	}
	for i := len(rules) - 1; i >= 0; i-- {
		p = append(p, block(rules[i])...)
		if rules[i].everything() {
			break // what comes before has no say
		}
	}
	return append(p, verdict(0)...)
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
