package health

import "time"

// nap is the shortest sleep of the machine that matters.
const nap = time.Second

// A clock reads two clocks: one that goes on while the machine sleeps and one
// that does not, Go's own (CLOCK_MONOTONIC).
type clock struct {
	boottime func() time.Duration
	begin    time.Time
	ahead    time.Duration // by how much boottime is ahead of the other
}

func newClock(boottime func() time.Duration) clock {
	c := clock{boottime: boottime, begin: time.Now()}
	if boottime == nil {
		c.boottime = func() time.Duration { return time.Since(c.begin) }
	}
	c.ahead = c.lead()
	return c
}

func (c *clock) now() time.Duration { return c.boottime() }

// lead is by how much boottime is ahead. As we may be interrupted between the
// two readings it may be too little, but never too much.
func (c *clock) lead() time.Duration {
	t := c.boottime()
	return t - time.Since(c.begin)
}

// slept returns for how long the machine has slept since the last call, if that
// was long enough to matter.
func (c *clock) slept() time.Duration {
	by := max(0, c.lead()-c.ahead)
	c.ahead += by
	if by < nap {
		return 0
	}
	return by
}
