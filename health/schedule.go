package health

import "time"

// scheduleAll has all checks scheduled anew. None has a Schedule now, unless it
// has just passed.
func (s *step) scheduleAll() {
	for i := range s.config.Checks {
		s.due = append(s.due, i)
	}
}

// reschedule makes Schedules for the checks that are due for one.
func (s *step) reschedule() {
	if !s.running() || s.Paused {
		return
	}
	for _, i := range s.due {
		delay, ok := s.next(i)
		switch {
		case ok:
			s.do(Action{Kind: Schedule, Check: i, Delay: delay})
		case s.Checks[i].armed:
			s.do(Action{Kind: Unschedule, Check: i})
		}
		s.Checks[i].armed = ok && s.config.Checks[i].Push
	}
}

// next returns how long it is to a check's next probe, or until its silence
// means something; false: neither is to come.
func (s *step) next(i int) (time.Duration, bool) {
	c, k := s.config.Checks[i], s.Checks[i]
	early := max(0, s.begun+c.Delay-s.event.At)
	switch {
	case !s.asked(i):
		return 0, false
	case c.Push && c.Quiet:
		return c.Interval, k.Verdict != Passing || k.Failures > 0
	case c.Push && c.Role == Startup:
		return max(early+c.Interval, s.extended-s.event.At), c.Interval > 0
	case c.Push:
		return early + c.Interval, c.Interval > 0
	case !k.seen:
		return early, true
	}
	return s.spread(c.interval()), true
}

// spread is about an interval: services that were started together should not be
// probed together for ever.
func (s *step) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*s.rnd()))
}

// endProbes ends what is scheduled and what runs.
func (s *step) endProbes() {
	for i := range s.Checks {
		s.Checks[i].armed = false
	}
	s.do(Action{Kind: EndProbes})
}
