package health

import (
	"errors"
	"math"
	"time"
)

// A Backoff says how long to wait before a restart. The zero value does not
// wait.
type Backoff struct {
	Base   time.Duration // before the first restart
	Factor float64       // by which each wait is longer than the last; below 1 counts as 1
	Cap    time.Duration // the longest wait; 0 means none
	Jitter float64       // the part of a wait, 0 to 1, that chance may take off
}

// Delay returns the wait before restart n in a row, from 0. rnd gives numbers in
// [0,1), as rand.Float64. The result is never longer than Cap, and never shorter
// than (1-Jitter) times what it would be without chance.
func (b Backoff) Delay(n int, rnd func() float64) time.Duration {
	limit := float64(math.MaxInt64 / 2) // room for conversions to round up
	if b.Cap > 0 {
		limit = float64(b.Cap)
	}
	d := min(float64(b.Base)*math.Pow(max(b.Factor, 1), float64(n)), limit)
	return time.Duration(d * (1 - b.Jitter*rnd()))
}

// Validate says what of it makes no sense.
func (b Backoff) Validate() error {
	switch {
	case b.Base < 0 || b.Cap < 0:
		return errors.New("the delay of a restart must be 0 or more")
	case b.Factor != 0 && !(b.Factor >= 1) || math.IsInf(b.Factor, 0): // not a number is neither
		return errors.New("the factor of the delays of restarts must be a number from 1")
	case !(b.Jitter >= 0 && b.Jitter <= 1):
		return errors.New("the jitter of the delays of restarts must be from 0 to 1")
	case b.Cap > 0 && b.Cap < b.Base:
		return errors.New("the longest delay of a restart must not be shorter than the first")
	}
	return nil
}
