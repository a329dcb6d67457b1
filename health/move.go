package health

// move goes where the table says, and lists what goes with the new state.
func (s *step) move(c cause) {
	next := table[s.State][c]
	if next == 0 {
		return
	}
	was := s.running()
	s.State = next
	s.explain(c)
	if was && !s.running() {
		s.endProbes()
		s.Paused = false
	}
	s.do(Action{Kind: Report, State: next})
	switch next {
	case StateCreated:
		s.create(c)
	case StateHealthy:
		s.healthyAt = s.event.At
	case StateStopping:
		s.end(c)
	case StateBackoff:
		s.row++
		s.Restarts++
		s.do(Action{Kind: Wait, Delay: s.delay})
	}
}

// explain keeps the reason, as far as the decision has not.
func (s *step) explain(c cause) {
	switch c {
	case started, ready, well:
		s.Reason, s.Culprit = ReasonNone, -1
	case sick, condemned:
		s.Reason = ReasonUnhealthy
	case unwanted, stop:
		s.Reason = ReasonStop
	case restart, anew:
		s.Reason = ReasonRestart
	}
}

// create starts it again. Only what the user asks for is not counted. If the
// start fails, what a reaction wanted still holds.
func (s *step) create(c cause) {
	if c == waited {
		s.remember()
	}
	if s.fate == askedAgain {
		s.fate = byPolicy
	}
	s.do(Action{Kind: Start})
}

// fates are what follows the end that a reaction brings about.
var fates = [...]fate{ReactNone: byPolicy, ReactKill: byPolicy, ReactStop: reactFailed, ReactRestart: reactAgain}

// end has it end; what follows then is its fate.
func (s *step) end(c cause) {
	kind := Stop
	if c == condemned {
		s.fate = fates[s.config.OnUnhealthy]
		if s.config.OnUnhealthy == ReactKill {
			kind = Kill
		}
	}
	s.do(Action{Kind: kind})
}
