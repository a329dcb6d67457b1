package health

import "time"

// begin makes ready for a new run.
func (s *step) begin() {
	for i, c := range s.config.Checks {
		s.Checks[i] = CheckState{Total: s.Checks[i].Total}
		if c.presumed() {
			s.Checks[i].Verdict = Passing
		}
	}
	s.begun, s.extended = s.event.At, 0
	s.gate = s.all(Startup, Passing)
	s.scheduleAll()
}

// judge takes the result of a check. What was not asked for is dropped, apart
// from good news of a Push check, which comes only once.
func (s *step) judge() cause {
	i := s.event.Check
	if i < 0 || i >= len(s.Checks) || s.event.Result.Kind > Error || !s.running() {
		return none
	}
	asked := s.asked(i) && !s.Paused
	if !asked && (!s.config.Checks[i].Push || s.event.Result.Kind != Success) {
		return none
	}
	s.count(i)
	if asked {
		s.due = append(s.due, i)
	}
	return s.assess()
}

// count keeps the numbers, and the verdict that follows from them.
func (s *step) count(i int) {
	c, k := s.config.Checks[i], &s.Checks[i]
	k.seen = true
	k.Total[s.event.Result.Kind]++
	switch s.event.Result.Kind {
	case Success:
		k.Successes, k.Failures = k.Successes+1, 0
		if k.Successes >= c.Successes {
			k.Verdict, k.passed = Passing, true
		}
	case Failure:
		k.Successes = 0
		if s.excused(i) {
			return
		}
		k.Failures++
		if k.Failures >= c.Failures {
			k.Verdict = Failing
		}
	case Error:
		k.Errors++
	}
}

// excused says whether failures do not count yet.
func (s *step) excused(i int) bool {
	grace := s.begun + s.config.Checks[i].Grace
	if s.State == StateStarting {
		grace = max(grace, s.extended)
	}
	return !s.Checks[i].passed && s.event.At < grace
}

// assess says what the verdicts amount to, and lets the other checks begin once
// those for startup have passed.
func (s *step) assess() cause {
	if !s.gate && s.all(Startup, Passing) {
		s.gate, s.begun = true, s.event.At
		s.scheduleAll()
	}
	if i := s.failing(); i >= 0 {
		if s.State != StateUnhealthy {
			s.Culprit = i
		}
		return sick
	}
	if s.well() {
		return well
	}
	return none
}

// well says whether the service is as it should be, readiness apart.
func (s *step) well() bool { return s.gate && s.all(Liveness, Passing) }

// asked says whether a check's time has come, and has not passed.
func (s *step) asked(i int) bool {
	startup := s.config.Checks[i].Role == Startup
	return s.gate != startup && (!startup || s.Checks[i].Verdict != Passing)
}

// pause ends the probes: what is frozen cannot answer.
func (s *step) pause() {
	if !s.running() || s.Paused {
		return
	}
	s.Paused, s.pausedAt = true, s.event.At
	s.endProbes()
}

// resume goes on as if there had been no pause.
func (s *step) resume() {
	if !s.running() || !s.Paused {
		return
	}
	s.Paused = false
	s.shift(s.event.At - s.pausedAt)
	s.scheduleAll()
}

// suspend goes on as if the machine had not slept: what the probe that ran has
// to say is worth nothing, and nobody else could do anything either.
func (s *step) suspend() {
	by := s.event.For
	s.shift(by)
	s.pausedAt = min(s.pausedAt+by, s.event.At)
	starts := make([]time.Duration, len(s.starts))
	for i, t := range s.starts {
		starts[i] = min(t+by, s.event.At)
	}
	s.starts = starts
	if s.running() && !s.Paused {
		s.endProbes()
		s.scheduleAll()
	}
}

// shift moves what is measured from, for a time that does not count.
func (s *step) shift(by time.Duration) {
	s.begun = min(s.begun+by, s.event.At)
	s.healthyAt = min(s.healthyAt+by, s.event.At)
	s.extended += by
}

// extend gives a service that starts more time.
func (s *step) extend() {
	if s.State != StateStarting || s.event.For <= 0 {
		return
	}
	const longest = 1 << 60 // 36 years: no sum of times runs over
	s.extended = max(s.extended, s.event.At+min(s.event.For, longest))
	for i, c := range s.config.Checks {
		if c.Push && c.Role == Startup {
			s.due = append(s.due, i)
		}
	}
}
