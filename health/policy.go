package health

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Mode says after which ends a service is started again.
type Mode uint8

const (
	No            Mode = iota
	OnFailure          // after an exit status other than 0
	Always             // after every end that was not asked for
	UnlessStopped      // as Always; the difference is what happens after a reboot, which is the caller's
)

var modeNames = [...]string{"no", "on-failure", "always", "unless-stopped"}

func (m Mode) String() string { return modeNames[m] }

// A Policy is a restart policy, as of docker run --restart. The zero value
// never restarts.
type Policy struct {
	Mode Mode
	Max  int // restarts at most, with OnFailure; 0 means no limit
}

// ParsePolicy reads "no", "on-failure", "on-failure:N" (N from 1), "always" or
// "unless-stopped".
func ParsePolicy(s string) (Policy, error) {
	name, limit, limited := strings.Cut(s, ":")
	for i, n := range modeNames {
		if n != name {
			continue
		}
		p := Policy{Mode: Mode(i)}
		if !limited {
			return p, nil
		}
		if p.Mode != OnFailure {
			return Policy{}, fmt.Errorf("restart policy %q: only on-failure takes a number", s)
		}
		max, err := parseMax(limit)
		if err != nil {
			return Policy{}, fmt.Errorf("restart policy %q: %w", s, err)
		}
		p.Max = max
		return p, nil
	}
	return Policy{}, fmt.Errorf("restart policy %q: want no, on-failure[:N], always or unless-stopped", s)
}

func parseMax(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		return 0, errors.New("the number of restarts is a whole number from 1")
	}
	return int(n), nil
}

// String is what ParsePolicy reads.
func (p Policy) String() string {
	if p.Max > 0 {
		return fmt.Sprintf("%s:%d", p.Mode, p.Max)
	}
	return p.Mode.String()
}

// wants says whether a service that ended with an exit status, unasked, is to
// be started again, limits apart.
func (p Policy) wants(status int) bool {
	switch p.Mode {
	case OnFailure:
		return status != 0
	case Always, UnlessStopped:
		return true
	}
	return false
}

// exhausted says whether there were as many restarts as there may be.
func (p Policy) exhausted(restarts int) bool {
	return p.Mode == OnFailure && p.Max > 0 && restarts >= p.Max
}
