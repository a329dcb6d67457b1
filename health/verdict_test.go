package health

import (
	"slices"
	"strconv"
	"time"
)

// report is told of everything that Watch reports.
func (w *world) report(s Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judge.report(s, w.running && !w.ending)
}

func (j *judge) report(s Snapshot, alive bool) {
	if s.From != j.state {
		j.errorf("reported %s after %s", s.From, j.state)
	}
	if s.Event.Kind == ProbeDone {
		j.result(s)
	}
	if !s.Changed() && s.Event.Kind != ProbeDone {
		j.errorf("reported %s, for nothing: %s", s.State, s.Event.Kind)
	}
	if s.Ready() && (!alive || !j.open || j.paused) {
		j.errorf("ready; alive: %v, startup passed: %v, paused: %v", alive, j.open, j.paused)
	}
	if s.State != s.From {
		j.change(s)
	}
	j.state = s.State
}

// result keeps what a check said. That it was dropped, or should have been, is
// to be seen from its number.
func (j *judge) result(s Snapshot) {
	i, r := s.Event.Check, s.Event.Result
	if id, err := strconv.Atoi(r.Output); err == nil && j.worthless[id] && !j.config.Checks[i].Push {
		j.errorf("result of a probe in which the machine slept")
	}
	total := s.Checks[i].Total
	if n := total[Success] + total[Failure] + total[Error]; n == j.results[i] {
		return // told again, for it led through two states
	} else if n != j.results[i]+1 {
		j.errorf("result %d of check %d, after %d", n, i, j.results[i])
	}
	j.results[i]++
	a, last := &j.asked[i], s.Results[i]
	if n := len(last); n == 0 || n > KeptResults || last[n-1] != r || !slices.IsSortedFunc(last, func(a, b Result) int { return int(a.At - b.At) }) {
		j.errorf("last results: %v", last)
	}
	a.seen = true
	switch r.Kind {
	case Success:
		a.failures, a.successes = 0, a.successes+1
		a.passed = a.passed || a.successes >= j.config.Checks[i].Successes
	case Failure:
		a.failures, a.successes = a.failures+1, 0
	}
	if !j.open && j.startupPassed() {
		j.open, j.begun, j.pausedUntil = true, time.Now(), j.pausedFor
	}
}

func (j *judge) startupPassed() bool {
	for i, c := range j.config.Checks {
		if c.Role == Startup && !j.asked[i].passed {
			return false
		}
	}
	return true
}

// change judges a new state.
func (j *judge) change(s Snapshot) {
	if j.state == StateHealthy {
		if j.config.Settled > 0 && j.healthyFor+j.sinceHealthy() >= j.config.Settled {
			j.settled = j.settled || j.row > 0
			j.row = 0
		}
		j.healthyFor, j.healthySince = 0, time.Time{}
	}
	switch s.State {
	case StateHealthy:
		if !j.paused {
			j.healthySince = time.Now()
		}
	case StateUnhealthy:
		j.unhealthy(s)
	case StateStopping:
		j.stopping(s)
	case StateBackoff, StateFailed, StateExited, StateCreated:
		j.decision(s)
	}
}

// unhealthy wants enough failures in a row, out of the time in which they do not
// count.
func (j *judge) unhealthy(s Snapshot) {
	c, a := j.config.Checks[s.Culprit], j.asked[s.Culprit]
	if c.Role == Readiness || a.failures < max(1, c.Failures) {
		j.errorf("unhealthy after %d failures of a %s check, want %d", a.failures, c.Role, c.Failures)
	}
	if !a.passed && j.active() < c.Grace {
		j.errorf("unhealthy after %v, in the start period of %v", j.active(), c.Grace)
	}
}

func (j *judge) stopping(s Snapshot) {
	switch s.Reason {
	case ReasonUnhealthy:
		j.condemned = true
		if s.From != StateUnhealthy || j.config.OnUnhealthy == ReactNone {
			j.errorf("stopped from %s by reaction %s", s.From, j.config.OnUnhealthy)
		}
	case ReasonRestart:
		j.restart = true
	case ReasonStop:
		if !j.sent {
			j.errorf("stopped, and nobody asked")
		}
	default:
		j.errorf("stopped for %q", s.Reason)
	}
}

// decision judges what follows an end, or the end of a wait.
func (j *judge) decision(s Snapshot) {
	if s.From == StateBackoff {
		j.byUser = s.Event.Kind == RestartRequested
		if s.Event.Kind != BackoffOver && !j.byUser && s.Event.Kind != StopRequested {
			j.errorf("%s ended the wait", s.Event.Kind)
		}
		return
	}
	if j.end == nil {
		j.errorf("%s, but nothing has ended", s.State)
		return
	}
	if want := j.follows(*j.end); !slices.Contains(want, s.State) {
		j.errorf("%s after %+v, want %v", s.State, *j.end, want)
	}
	if s.State == StateFailed && s.Reason == ReasonStartLimit {
		j.atLimit()
	}
	j.end, j.decided, j.low, j.high = nil, time.Now(), 0, 0
	j.byUser = s.State == StateCreated
	j.condemned, j.restart = j.condemned && !j.byUser, j.restart && !j.byUser
	if s.State == StateBackoff {
		j.restarts++
		j.high = j.config.Backoff.Delay(j.row, func() float64 { return 0 })
		j.low = time.Duration(float64(j.high)*(1-j.config.Backoff.Jitter)) - 1
		j.row++
	}
}

func (j *judge) atLimit() {
	l := j.config.StartLimit
	if n := len(j.starts); !l.limits() || n < l.Starts || time.Since(j.starts[n-l.Starts]) >= l.Within {
		j.errorf("start limit %s after %d starts", l, n)
	}
}

// follows are the states that may follow an end: more than one where it is not
// known what came first, or whether the start limit is reached.
func (j *judge) follows(e Event) []State {
	if j.stop {
		return []State{StateExited}
	}
	var also []State
	if j.sent {
		also = append(also, StateExited)
	}
	if j.restart {
		return append(also, StateCreated)
	}
	if j.restartSent {
		also = append(also, StateCreated)
	}
	if j.condemned && j.config.OnUnhealthy == ReactStop {
		return append(also, StateFailed)
	}
	p := j.config.Restart
	again := p.Mode == Always || p.Mode == UnlessStopped || p.Mode == OnFailure && e.Exit != (Exit{})
	if e.Kind == Exited && e.Exit.Status == 3 {
		again = true
	}
	if e.Kind == Exited && e.Exit.Status == 4 {
		again = false
	}
	if e.Kind == StartFailed {
		again = p.Mode != No
	}
	if j.condemned && j.config.OnUnhealthy == ReactRestart {
		again = true
	}
	switch {
	case !again && e.Kind == StartFailed:
		return append(also, StateFailed)
	case !again:
		return append(also, StateExited)
	case p.Mode == OnFailure && p.Max > 0 && j.restarts >= p.Max:
		return append(also, StateFailed)
	case j.config.StartLimit.limits():
		also = append(also, StateFailed)
	}
	return append(also, StateBackoff)
}
