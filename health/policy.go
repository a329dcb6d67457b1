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

// A Policy is a restart policy, as of docker run --restart, with exceptions as
// of systemd's RestartForceExitStatus= and RestartPreventExitStatus=
// (systemd.service(5)). The zero value never restarts.
type Policy struct {
	Mode Mode
	Max  int // restarts at most, with OnFailure; 0 means no limit
	// On are the ends after which it is started again in every Mode, Never those
	// after which it is in none. Where both have one, Never wins.
	On, Never Set
}

// ParsePolicy reads "no", "on-failure", "on-failure:N" (N from 1), "always" or
// "unless-stopped". The sets stay empty.
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

// String is what ParsePolicy reads: the sets are not in it.
func (p Policy) String() string {
	if p.Max > 0 {
		return fmt.Sprintf("%s:%d", p.Mode, p.Max)
	}
	return p.Mode.String()
}

// wants says whether a service that ended unasked is to be started again, limits
// apart.
func (p Policy) wants(e Exit) bool {
	switch {
	case p.Never.Has(e):
		return false
	case p.On.Has(e):
		return true
	case p.Mode == OnFailure:
		return e.Failed()
	}
	return p.Mode != No
}

// exhausted says whether there were as many restarts as there may be.
func (p Policy) exhausted(restarts int) bool {
	return p.Mode == OnFailure && p.Max > 0 && restarts >= p.Max
}
