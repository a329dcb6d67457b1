package bundle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// unlimited is how the specification writes that there is no limit.
const unlimited = -1

// cpuPeriod is the kernel's default period of cpu.max, in microseconds.
const cpuPeriod = 100_000

// noLimit recognises the ways to ask for no limit.
func noLimit(s string) bool { return s == "max" || s == "-1" }

// ParseSize reads an amount of memory: a number, perhaps with a fraction, and a unit
// of 1024: k, m, g, t, p, also kb and kib; b or none: bytes. It returns
// bytes; max and -1 are no limit, which is -1.
func ParseSize(s string) (int64, error) {
	if noLimit(s) {
		return unlimited, nil
	}
	digits := strings.TrimRight(s, "bBiIkKmMgGtTpP")
	shift, ok := unit(strings.ToLower(s[len(digits):]))
	if !ok {
		return 0, fmt.Errorf("unknown unit %q; there are b, k, m, g, t, p", s[len(digits):])
	}
	n, err := decimal(digits)
	if err != nil {
		return 0, err
	}
	n.Mul(n, new(big.Rat).SetInt64(1<<shift))
	bytes := new(big.Int).Quo(n.Num(), n.Denom())
	switch {
	case bytes.Sign() == 0:
		return 0, fmt.Errorf("nothing fits into 0 bytes; max is no limit")
	case !bytes.IsInt64():
		return 0, fmt.Errorf("more than %d bytes; max is no limit", int64(math.MaxInt64))
	}
	return bytes.Int64(), nil
}

// unit is the power of two that a unit stands for.
func unit(u string) (shift int, ok bool) {
	switch u {
	case "", "b":
		return 0, true
	}
	shift = 10 * (strings.IndexByte("kmgtp", u[0]) + 1)
	return shift, shift > 0 && (u[1:] == "" || u[1:] == "b" || u[1:] == "ib")
}

// decimal reads a number such as 1, 1.5 or .5, exactly.
func decimal(s string) (*big.Rat, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(s) > 32 || whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, fmt.Errorf("not a number such as 2 or 1.5")
	}
	n, ok := new(big.Rat).SetString("0" + whole + "." + fraction + "0")
	if !ok {
		return nil, fmt.Errorf("not a number such as 2 or 1.5")
	}
	return n, nil
}

// quota reads a number of processors and returns the microseconds that they
// run in one cpuPeriod. The kernel takes no quota below one millisecond.
func quota(s string) (int64, error) {
	if noLimit(s) {
		return unlimited, nil
	}
	const least, most = 1000, 1 << 20 * cpuPeriod
	n, err := decimal(s)
	if err != nil {
		return 0, err
	}
	n.Mul(n, new(big.Rat).SetInt64(cpuPeriod))
	us := new(big.Int).Quo(n.Num(), n.Denom())
	switch {
	case us.Cmp(big.NewInt(least)) < 0:
		return 0, fmt.Errorf("the least is 0.01; max is no limit")
	case us.Cmp(big.NewInt(most)) > 0:
		return 0, fmt.Errorf("no machine has so many; max is no limit")
	}
	return us.Int64(), nil
}

// count reads a number of tasks. 0 is refused: docker means no limit by it, the
// specification that not even the first process may start.
func count(s string) (int64, error) {
	if noLimit(s) {
		return unlimited, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	switch {
	case err != nil:
		return 0, fmt.Errorf("not a whole number such as 100")
	case n == 0:
		return 0, fmt.Errorf("not even the program itself could start; max is no limit")
	}
	return int64(n), nil
}
