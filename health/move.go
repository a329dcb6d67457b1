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

// create starts it again. Only what the user asks for is not counted.
func (s *step) create(c cause) {
	if c == waited {
		s.remember()
	}
	s.fate = byPolicy
	s.do(Action{Kind: Start})
}

// end has it end; what follows then is its fate.
func (s *step) end(c cause) {
	kill := c == condemned && s.config.OnUnhealthy == ReactKill
	if c == condemned {
		s.fate = [...]fate{ReactStop: reactFailed, ReactRestart: reactAgain}[s.config.OnUnhealthy]
	}
	if kill {
		s.do(Action{Kind: Kill})
		return
	}
	s.do(Action{Kind: Stop})
}
