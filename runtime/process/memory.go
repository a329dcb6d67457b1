package process

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// maxNode is the highest memory node a kernel can be built for (NODES_SHIFT 10).
const maxNode = 1023

// memoryMode is one mode of set_mempolicy(2), and whether it takes nodes.
type memoryMode struct {
	number    int
	min, none bool // needs at least one node; takes none
}

// weightedInterleave is Linux 6.9's MPOL_WEIGHTED_INTERLEAVE.
const weightedInterleave = 6

var memoryModes = []entry[specs.MemoryPolicyModeType, memoryMode]{
	{specs.MpolDefault, memoryMode{number: unix.MPOL_DEFAULT, none: true}},
	{specs.MpolPreferred, memoryMode{number: unix.MPOL_PREFERRED}},
	{specs.MpolBind, memoryMode{number: unix.MPOL_BIND, min: true}},
	{specs.MpolInterleave, memoryMode{number: unix.MPOL_INTERLEAVE, min: true}},
	{specs.MpolLocal, memoryMode{number: unix.MPOL_LOCAL, none: true}},
	{specs.MpolPreferredMany, memoryMode{number: unix.MPOL_PREFERRED_MANY, min: true}},
	{specs.MpolWeightedInterleave, memoryMode{number: weightedInterleave, min: true}},
}

var memoryFlags = []entry[specs.MemoryPolicyFlagType, int]{
	{specs.MpolFNumaBalancing, unix.MPOL_F_NUMA_BALANCING},
	{specs.MpolFRelativeNodes, unix.MPOL_F_RELATIVE_NODES},
	{specs.MpolFStaticNodes, unix.MPOL_F_STATIC_NODES},
}

// nodeMask is the bit mask of set_mempolicy(2).
type nodeMask [(maxNode + 1) / 64]uint64

// planMemory translates /linux/memoryPolicy.
func planMemory(p *specs.LinuxMemoryPolicy) (mode int, mask nodeMask, err error) {
	const field = "/linux/memoryPolicy"
	m, ok := lookUp(memoryModes, p.Mode)
	if !ok {
		return 0, mask, refuse(field+"/mode", "unknown mode %q", p.Mode)
	}
	mode = m.number
	for i, f := range p.Flags {
		bit, ok := lookUp(memoryFlags, f)
		if !ok {
			return 0, mask, refuse(fmt.Sprintf("%s/flags/%d", field, i), "unknown flag %q", f)
		}
		mode |= bit
	}
	if mask, err = parseNodes(p.Nodes); err != nil {
		return 0, mask, refuse(field+"/nodes", "%w", err)
	}
	switch empty := mask == (nodeMask{}); {
	case m.min && empty:
		return 0, mask, refuse(field+"/nodes", "%s needs at least one node", p.Mode)
	case m.none && !empty:
		return 0, mask, refuse(field+"/nodes", "%s takes no nodes", p.Mode)
	}
	return mode, mask, nil
}

// parseNodes reads the kernel's list format: 0-3,7. Spaces around numbers and
// an empty list are fine.
func parseNodes(list string) (nodeMask, error) {
	var mask nodeMask
	if strings.TrimSpace(list) == "" {
		return mask, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		a, err := parseNode(first)
		if err != nil {
			return mask, err
		}
		b, err := parseNode(last)
		if err != nil {
			return mask, err
		}
		if b < a {
			return mask, fmt.Errorf("range %q ends before it begins", part)
		}
		for n := a; n <= b; n++ {
			mask[n/64] |= 1 << (n % 64)
		}
	}
	return mask, nil
}

func parseNode(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
	if err != nil || n > maxNode {
		return 0, fmt.Errorf("%q is not a node between 0 and %d", s, maxNode)
	}
	return int(n), nil
}

// personalities are the execution domains the spec knows, by personality(2).
var personalities = []entry[specs.LinuxPersonalityDomain, uintptr]{
	{specs.PerLinux, 0x0000},
	{specs.PerLinux32, 0x0008},
}

func planPersonality(p *specs.LinuxPersonality) (uintptr, error) {
	const field = "/linux/personality"
	if len(p.Flags) > 0 {
		return 0, refuse(field+"/flags/0", "unknown flag %q: the specification defines none", p.Flags[0])
	}
	persona, ok := lookUp(personalities, p.Domain)
	if !ok {
		return 0, refuse(field+"/domain", "unknown domain %q: it is LINUX or LINUX32", p.Domain)
	}
	return persona, nil
}
