package health

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A StartLimit is how often a service may be started within a time, as
// StartLimitBurst= and StartLimitIntervalSec= of systemd.unit(5), whose defaults
// are 5 and 10 s. The zero value is no limit. Restarts by the user do not count.
type StartLimit struct {
	Starts int
	Within time.Duration
}

// ParseStartLimit reads "5/10s", or "none".
func ParseStartLimit(s string) (StartLimit, error) {
	if s == "none" {
		return StartLimit{}, nil
	}
	count, within, _ := strings.Cut(s, "/")
	n, err := strconv.ParseUint(count, 10, 16)
	d, err2 := time.ParseDuration(within)
	if err != nil || err2 != nil || n == 0 || d <= 0 {
		return StartLimit{}, fmt.Errorf("start limit %q: want a number and a time, such as 5/10s, or none", s)
	}
	return StartLimit{Starts: int(n), Within: d}, nil
}

// String is what ParseStartLimit reads.
func (l StartLimit) String() string {
	if !l.limits() {
		return "none"
	}
	return fmt.Sprintf("%d/%s", l.Starts, l.Within)
}

func (l StartLimit) limits() bool { return l.Starts > 0 && l.Within > 0 }

// Validate says what of it makes no sense.
func (l StartLimit) Validate() error {
	if l != (StartLimit{}) && !l.limits() {
		return errors.New("the start limit needs a number of starts and a time, both more than 0")
	}
	return nil
}

// forbids says whether a start at a time would be one too many after those
// that were, oldest first.
func (l StartLimit) forbids(at time.Duration, starts []time.Duration) bool {
	if !l.limits() || len(starts) < l.Starts {
		return false
	}
	return at-starts[len(starts)-l.Starts] < l.Within
}
