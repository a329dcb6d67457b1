package health

import (
	"slices"
	"time"
)

// Step returns the Monitor after an event, and what is to be done, in order.
// Events that make no sense in a state change nothing. rnd gives numbers in
// [0,1), as rand.Float64.
func (m Monitor) Step(e Event, rnd func() float64) (Monitor, []Action) {
	if m.Done() {
		return m, nil
	}
	m.Checks = slices.Clone(m.Checks)
	s := &step{Monitor: m, event: e, rnd: rnd, wasReady: m.Ready()}
	s.settle()
	s.move(s.classify())
	if s.State == StateUnhealthy && s.config.OnUnhealthy != ReactNone {
		s.move(condemned)
	}
	s.reschedule()
	if !s.reported && s.Ready() != s.wasReady {
		s.do(Action{Kind: Report, State: s.State})
	}
	return s.Monitor, s.actions
}

// A step is one Step at work.
type step struct {
	Monitor
	event    Event
	rnd      func() float64
	wasReady bool

	actions  []Action
	reported bool
	delay    time.Duration // the wait, if the service is to be restarted after one
	due      []int         // the checks to be scheduled anew
}

func (s *step) do(a Action) {
	s.actions = append(s.actions, a)
	s.reported = s.reported || a.Kind == Report
}

// settle makes the waits short again if the service has been healthy for long
// enough by now. Time in which it was paused says nothing.
func (s *step) settle() {
	now := s.event.At
	if s.Paused {
		now = s.pausedAt
	}
	if s.event.Kind == Suspended {
		now -= s.event.For
	}
	if s.State == StateHealthy && s.config.Settled > 0 && now-s.healthyAt >= s.config.Settled {
		s.row = 0
	}
}

// classify keeps the numbers that follow from the event, and says what it means.
func (s *step) classify() cause {
	switch s.event.Kind {
	case Started:
		return s.started()
	case StartFailed, Exited:
		return s.ended()
	case ProbeDone:
		return s.judge()
	case StopRequested:
		return s.stop()
	case RestartRequested:
		return s.restart()
	case BackoffOver:
		return waited
	case Paused:
		s.pause()
	case Resumed:
		s.resume()
	case Suspended:
		s.suspend()
	case Extended:
		s.extend()
	}
	return none
}

func (s *step) started() cause {
	if s.State != StateCreated {
		return none
	}
	s.countStart()
	s.begin()
	if s.fate == askedStop {
		return unwanted
	}
	s.fate = byPolicy
	if s.well() {
		return ready
	}
	return started
}

func (s *step) countStart() {
	if s.Starts == 0 {
		s.remember() // later ones are remembered before they are tried
	}
	s.Starts++
	if s.event.Kind == StartFailed {
		s.StartsFail++
	}
}

// remember keeps as many starts as the start limit needs to know.
func (s *step) remember() {
	if n := s.config.StartLimit.Starts; n > 0 {
		kept := s.starts[max(0, len(s.starts)-n+1):]
		s.starts = append(slices.Clone(kept), s.event.At)
	}
}

// ended notes the end of a run, or a start that failed.
func (s *step) ended() cause {
	switch {
	case s.event.Kind == StartFailed && s.State != StateCreated, s.State == StateBackoff:
		return none
	case s.event.Kind == StartFailed:
		s.countStart()
		s.Reason = ReasonStartFailed
	default:
		s.Ends, s.Exit = s.Ends+1, s.event.Exit
		if s.State != StateStopping {
			s.Reason = ReasonEnded
		}
	}
	return s.decide()
}

// decide says whether to start it again, by who wanted what.
func (s *step) decide() cause {
	switch {
	case s.fate == askedStop:
		s.Reason = ReasonStop
		return over
	case s.fate == askedAgain:
		return anew
	case s.fate == reactFailed:
		return gaveUp
	case !s.wanted() && s.event.Kind == StartFailed:
		return gaveUp
	case !s.wanted():
		return over
	case s.config.Restart.exhausted(s.Restarts):
		s.Reason = ReasonMaxRestarts
		return gaveUp
	}
	s.delay = s.config.Backoff.Delay(s.row, s.rnd)
	if s.config.StartLimit.forbids(s.event.At+s.delay, s.starts) {
		s.Reason = ReasonStartLimit
		return gaveUp
	}
	return again
}

// wanted says whether the service is to be started again, limits apart. A start
// that failed is a failed run, of which no status is known.
func (s *step) wanted() bool {
	switch {
	case s.fate == reactAgain:
		return true
	case s.event.Kind == StartFailed:
		return s.config.Restart.Mode != No
	}
	return s.config.Restart.wants(s.event.Exit)
}

func (s *step) stop() cause {
	s.fate = askedStop
	return stop
}

func (s *step) restart() cause {
	if s.State == StateCreated || s.fate == askedStop {
		return none // it is being started, or the user wants it stopped
	}
	if s.fate != askedAgain {
		s.RestartsReq++
	}
	s.fate = askedAgain
	return restart
}
