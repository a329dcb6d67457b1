package checks

import "time"

// The defaults. Kubernetes' are the same, but for startup checks, and for programs,
// which take longer to start than a second under load.
const (
	startupInterval = Duration(250 * time.Millisecond)
	interval        = Duration(10 * time.Second)
	timeout         = Duration(time.Second)
	execTimeout     = Duration(5 * time.Second)
	failures        = 3
	// startupTime is how long a service may take to start up, at least.
	startupTime     = Duration(30 * time.Second)
	startupWatchdog = Duration(90 * time.Second) // systemd's TimeoutStartSec=
	calm            = Duration(10 * time.Second)
)

// completeTimes looks at when the check is asked, and how often it may fail.
func (c *Check) completeTimes() error {
	if c.Push() {
		byDefault(&c.Failures, 1)
	} else {
		c.defaultTimes()
	}
	byDefault(&c.Successes, 1)
	if err := c.checkTimes(); err != nil {
		return err
	}
	if err := count("/failures", c.Failures); err != nil {
		return err
	}
	return count("/successes", c.Successes)
}

// defaultTimes is for checks that are asked.
func (c *Check) defaultTimes() {
	often, long, times := interval, timeout, failures
	if c.Exec != nil {
		long = execTimeout
	}
	if c.Role == Startup {
		often = startupInterval
	}
	byDefault(&c.Interval, often)
	byDefault(&c.Timeout, long)
	if c.Role == Startup && c.Interval > 0 {
		times = max(times, int((startupTime+c.Interval-1)/c.Interval))
	}
	byDefault(&c.Failures, times)
}

func (c *Check) checkTimes() error {
	for _, f := range []struct {
		field string
		value Duration
		asked bool // has no meaning otherwise
		least Duration
	}{
		{"/interval", c.Interval, true, Duration(time.Millisecond)},
		{"/timeout", c.Timeout, true, Duration(time.Millisecond)},
		{"/delay", c.Delay, true, 0},
		{"/grace", c.Grace, false, 0},
	} {
		if f.asked && c.Push() {
			if f.value != 0 {
				return fail(f.field, "has no meaning for %s, which nobody asks", c.Kind())
			}
			continue
		}
		if err := within(f.field, f.value, f.least, longest); err != nil {
			return err
		}
	}
	return nil
}

func byDefault[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

func within(field string, d, least, most Duration) error {
	if d < least || d > most {
		return fail(field, "%v: not from %v to %v", d, least, most)
	}
	return nil
}

func count(field string, n int) error {
	if n < 1 || n > mostFailures {
		return fail(field, "%d: not from 1 to %d", n, mostFailures)
	}
	return nil
}
