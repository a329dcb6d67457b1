package health

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Set is a set of exit statuses and signals. The zero value is empty.
type Set struct {
	statuses [4]uint64 // bit n of all of them: status n
	signals  uint64    // bit n-1: signal n, which goes to 64 (signal(7))
}

// The first and the last real-time signal as programs see them: the C library
// keeps the two before for itself.
const rtmin, rtmax = 34, 64

// ParseSet reads a list such as "1,3,SIGHUP,USR1,RTMIN+2": exit statuses from 0
// to 255, and names of signals. Space around the elements does not matter. An
// empty string is the empty set.
func ParseSet(s string) (Set, error) {
	var set Set
	if strings.TrimSpace(s) == "" {
		return set, nil
	}
	for word := range strings.SplitSeq(s, ",") {
		if err := set.parse(strings.TrimSpace(word)); err != nil {
			return Set{}, err
		}
	}
	return set, nil
}

func (s *Set) parse(word string) error {
	if n, err := strconv.ParseUint(word, 10, 8); err == nil {
		s.statuses[n/64] |= 1 << (n % 64)
		return nil
	}
	n := signalNumber(strings.TrimPrefix(strings.ToUpper(word), "SIG"))
	if n == 0 {
		return fmt.Errorf("exit status or signal %q: want a number from 0 to 255, or a name such as SIGHUP", word)
	}
	s.signals |= 1 << (n - 1)
	return nil
}

// signalNumber reads a name without SIG; 0 means that there is none.
func signalNumber(name string) int {
	n := int(unix.SignalNum("SIG" + name))
	if by, ok := strings.CutPrefix(name, "RTMIN"); ok {
		n = rtmin + offset(by)
	} else if by, ok := strings.CutPrefix(name, "RTMAX"); ok {
		n = rtmax + offset(by)
	}
	if n > rtmax || n < rtmin && strings.HasPrefix(name, "RTM") {
		return 0
	}
	return n
}

// offset reads "", "+2" or "-2". What is none of these leads out of the range of
// signals.
func offset(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 8)
	if err != nil || s[0] != '+' && s[0] != '-' {
		return rtmax + 1
	}
	return int(n)
}

// Has says whether an end is in the set.
func (s Set) Has(e Exit) bool {
	switch {
	case e.Signal > 0 && e.Signal <= rtmax:
		return s.signals&(1<<(e.Signal-1)) != 0
	case e.Signal == 0 && e.Status >= 0 && e.Status <= 255:
		return s.statuses[e.Status/64]&(1<<(e.Status%64)) != 0
	}
	return false
}

// String is what ParseSet reads: "1,3,SIGHUP".
func (s Set) String() string {
	var words []string
	for n := range 256 {
		if s.Has(Exit{Status: n}) {
			words = append(words, strconv.Itoa(n))
		}
	}
	for n := 1; n <= rtmax; n++ {
		if s.Has(Exit{Signal: n}) {
			words = append(words, signalName(n))
		}
	}
	return strings.Join(words, ",")
}

func signalName(n int) string {
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	return fmt.Sprintf("SIGRTMIN+%d", n-rtmin)
}
