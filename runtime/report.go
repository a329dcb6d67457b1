package runtime

import (
	"fmt"
	"strings"

	"mini/health"
	"mini/runtime/tell"
)

// report is told by the heartbeat of each change and each result, and passes on
// to each listener what it wants to know.
func (s *supervisor) report(now health.Snapshot) {
	s.keep(now)
	if s.detached != nil {
		s.detached.note(now, s.running())
	}
	if result, ok := newest(now); ok {
		s.sayError(now, result)
		s.tellResult(now, result)
	}
	if now.Event.Kind == health.Exited {
		s.tellDeath() // here, so that it comes after the start
	}
	if now.Changed() {
		s.sayChange(now)
		s.tellChange(now)
		s.tellManager(now)
	}
	s.beat(now)
}

// newest is the result that is reported, if one is.
func newest(now health.Snapshot) (health.Result, bool) {
	if now.Event.Kind != health.ProbeDone {
		return health.Result{}, false
	}
	kept := now.Results[now.Event.Check]
	if len(kept) == 0 {
		return health.Result{}, false
	}
	return kept[len(kept)-1], true
}

// sayError says that a probe could not run: one that never does must not look
// like a service that is starting for ever.
func (s *supervisor) sayError(now health.Snapshot, r health.Result) {
	text := ""
	if r.Kind == health.Error {
		text = s.Checks.Checks[r.Check].Name + " could not run: " + r.Output
	}
	if text != "" && text != s.probeError {
		s.Say(s.config.ID + ": the probe " + text)
	}
	s.probeError = text
}

// sayChange says what changed, to those who asked for more than a run.
func (s *supervisor) sayChange(now health.Snapshot) {
	if now.State == health.StateUnhealthy {
		s.setBy("unhealthy")
	}
	if text := s.news(now); text != "" && s.Watched() {
		s.Say(s.config.ID + ": " + text)
	}
}

// news is the change in words, "" if it is said elsewhere or says nothing.
func (s *supervisor) news(now health.Snapshot) string {
	switch {
	case now.Event.Kind == health.Paused, now.Event.Kind == health.Resumed:
		return now.Event.Kind.String()
	case now.State == now.From && now.Ready():
		return "ready"
	case now.State == now.From:
		return "not ready" + s.because(now)
	}
	switch now.State {
	case health.StateHealthy:
		if s.Checks != nil { // else it runs: no more is known
			return "healthy"
		}
	case health.StateUnhealthy:
		return "unhealthy" + s.because(now)
	case health.StateBackoff:
		return fmt.Sprintf("backoff, restart %d follows", now.Restarts)
	case health.StateFailed:
		return fmt.Sprintf("failed: %s; %s", now.Reason, now.Tally())
	}
	return ""
}

// because tells of the check that made the change.
func (s *supervisor) because(now health.Snapshot) string {
	if now.Event.Kind != health.ProbeDone {
		return ""
	}
	check := now.Event.Check
	text := fmt.Sprintf(" after %d failed probes", now.Checks[check].Failures)
	if n := now.Checks[check].Failures; n == 1 {
		text = " after a failed probe"
	}
	if len(s.Checks.Checks) > 1 {
		text += " of " + s.Checks.Checks[check].Name
	}
	if r, ok := newest(now); ok {
		text += ": " + strings.TrimSpace(r.Output)
	}
	return text
}

// tellChange makes events of a change.
func (s *supervisor) tellChange(now health.Snapshot) {
	e := tell.Event{
		From: now.From.String(), State: now.State.String(), Ready: s.readiness(now),
		Pid: s.pid(), Restarts: now.Restarts + now.RestartsReq, Reason: reason(now), Probe: s.probed(now),
	}
	if now.State != now.From {
		e.Kind = tell.State
		s.teller.Tell(e)
	}
	if now.Ready() != now.WasReady && e.Ready != nil {
		e.Kind, e.From = tell.Ready, ""
		s.teller.Tell(e)
	}
}

// reason is why the service is in its state; a failed one has the tally.
func reason(now health.Snapshot) string {
	if now.State == health.StateFailed {
		return now.Reason.String() + "; " + now.Tally()
	}
	return now.Reason.String()
}

// readiness is nil where no check asks for it.
func (s *supervisor) readiness(now health.Snapshot) *bool {
	if s.Checks == nil {
		return nil
	}
	for _, k := range s.Checks.Checks {
		if k.Role == "readiness" {
			ready := now.Ready()
			return &ready
		}
	}
	return nil
}

// tellResult makes an event of a result that is of another kind than the last.
func (s *supervisor) tellResult(now health.Snapshot, r health.Result) {
	s.spend(r)
	kept := now.Results[r.Check]
	if n := len(kept); n > 1 && kept[n-2].Kind == r.Kind {
		s.teller.Changed()
		return
	}
	s.teller.Tell(tell.Event{
		Kind: tell.Probed, State: now.State.String(), Ready: s.readiness(now), Pid: s.pid(),
		Restarts: now.Restarts + now.RestartsReq, Probe: s.probed(now),
	})
}

// probed is the result that is reported, for an event.
func (s *supervisor) probed(now health.Snapshot) *tell.Probe {
	r, ok := newest(now)
	if !ok {
		return nil
	}
	check := now.Checks[r.Check]
	row := check.Successes
	if r.Kind == health.Failure {
		row = check.Failures
	}
	return &tell.Probe{
		Check: s.Checks.Checks[r.Check].Name, Role: string(s.Checks.Checks[r.Check].Role), Result: r.Kind.String(),
		Output: r.Output, Row: row, Seconds: r.Duration.Seconds(),
	}
}

// tellManager tells the service manager that started us.
func (s *supervisor) tellManager(now health.Snapshot) {
	text := now.State.String()
	if n := s.news(now); n != "" {
		text = n
	}
	s.sayOnce(s.upward.report(now.State, text))
}

// beat tells it that a beat was good: no check has failed.
func (s *supervisor) beat(now health.Snapshot) {
	if r, ok := newest(now); ok && r.Kind == health.Success && now.State == health.StateHealthy {
		s.sayOnce(s.upward.beat())
	}
}

// sayOnce says that the manager cannot be told, but not each time.
func (s *supervisor) sayOnce(err error) {
	if err == nil || s.upwardError != "" {
		return
	}
	s.upwardError = Explain(err)
	s.Say(s.config.ID + ": the service manager cannot be told: " + s.upwardError)
}

// pid is of the container's first process, 0 if none runs.
func (s *supervisor) pid() int {
	if c := s.running(); c != nil {
		return c.Record.Pid
	}
	return 0
}
