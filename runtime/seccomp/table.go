package seccomp

// absent stands in numbers for a call that an architecture does not have.
const absent = 0xffff

// arm has a few calls far above the others (__ARM_NR_BASE, 0xf0000). The table
// has them as 0xf000+n.
const (
	privateMark = 0xf000
	privateBase = 0xf0000
)

// find returns the column of a system call in numbers, or -1: a binary search
// in one string, so that the table is constant data, without a relocation or a
// map to build.
func find(name string) int {
	lo, hi := 0, nameCount
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch at := nameAt(mid); {
		case at == name:
			return mid
		case at < name:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return -1
}

func nameAt(i int) string {
	start := uint16(0)
	if i > 0 {
		start = nameEnd[i-1]
	}
	return nameText[start:nameEnd[i]]
}
