package health

// A State is a stage in the life of a service.
type State uint8

const (
	_              State = iota
	StateCreated         // to be started
	StateStarting        // runs, has not answered yet
	StateHealthy         // runs and answers
	StateUnhealthy       // runs and does not answer
	StateStopping        // told to end
	StateBackoff         // ended, waits for a restart
	StateFailed          // ended for good, in spite of the restart policy
	StateExited          // ended for good
	stateCount
)

var stateNames = [stateCount]string{"", "created", "starting", "healthy", "unhealthy", "stopping", "backoff", "failed", "exited"}

func (s State) String() string { return stateNames[s] }

// A cause is what an event means, once limits and policies are considered.
type cause uint8

const (
	none      cause = iota
	started         // and there are probes to wait for
	ready           // started, and there is no probe
	succeeded       // a probe
	tooEarly        // a probe failed in the start period
	failed          // a probe, but not often enough yet
	exhausted       // a probe, as often as allowed
	errored         // a probe could not run
	condemned       // it is to be stopped and restarted
	again           // ended or not started, to be restarted
	over            // ended, not to be restarted
	gaveUp          // ended or not started, and may not be restarted any more
	stop            // asked for by the user
	waited          // the back-off is over
	pause
	resume
	causeCount
)

// table has the next state for each state and cause. Where it has none nothing
// changes.
var table = [stateCount][causeCount]State{
	StateCreated: {
		started: StateStarting,
		ready:   StateHealthy,
		again:   StateBackoff,
		over:    StateExited,
		gaveUp:  StateFailed,
		stop:    StateExited,
	},
	StateStarting: {
		succeeded: StateHealthy,
		exhausted: StateUnhealthy,
		again:     StateBackoff,
		over:      StateExited,
		gaveUp:    StateFailed,
		stop:      StateStopping,
	},
	StateHealthy: {
		exhausted: StateUnhealthy,
		again:     StateBackoff,
		over:      StateExited,
		gaveUp:    StateFailed,
		stop:      StateStopping,
	},
	StateUnhealthy: {
		succeeded: StateHealthy,
		condemned: StateStopping,
		again:     StateBackoff,
		over:      StateExited,
		gaveUp:    StateFailed,
		stop:      StateStopping,
	},
	StateStopping: {
		again:  StateBackoff,
		over:   StateExited,
		gaveUp: StateFailed,
	},
	StateBackoff: {
		started: StateStarting,
		ready:   StateHealthy,
		stop:    StateExited,
		waited:  StateCreated,
	},
	StateFailed: {
		started: StateStopping,
		ready:   StateStopping,
	},
	StateExited: {
		started: StateStopping,
		ready:   StateStopping,
	},
}

// classify says what an event means now.
func (m Monitor) classify(e Event) cause {
	switch e.Kind {
	case Started:
		if m.config.Interval == 0 {
			return ready
		}
		return started
	case ProbeSucceeded, ProbeFailed, ProbeErrored:
		return m.classifyProbe(e)
	case StartFailed, Exited:
		return m.classifyEnd(e)
	case StopRequested:
		return stop
	case BackoffOver:
		return waited
	case Paused:
		if !m.paused {
			return pause
		}
	case Resumed:
		if m.paused {
			return resume
		}
	}
	return none
}

func (m Monitor) classifyProbe(e Event) cause {
	switch {
	case m.paused || !m.running():
		return none // the end of a probe begun before
	case e.Kind == ProbeSucceeded:
		return succeeded
	case e.Kind == ProbeErrored:
		return errored
	case m.State == StateStarting && e.Uptime < m.config.StartPeriod:
		return tooEarly
	case m.Failures+1 >= m.config.Retries:
		return exhausted
	}
	return failed
}

func (m Monitor) classifyEnd(e Event) cause {
	wanted := m.condemned || m.config.Restart.wants(e.Status)
	if e.Kind == StartFailed { // a failed run, whatever its status would have been
		wanted = m.condemned || m.config.Restart.Mode != No
	}
	switch {
	case e.Kind == StartFailed && m.State != StateCreated:
		return none
	case m.stopped:
		return over
	case wanted && !m.config.Restart.exhausted(m.Restarts):
		return again
	case wanted || e.Kind == StartFailed:
		return gaveUp
	}
	return over
}

// counts says whether a cause matters even in states where it leads nowhere.
func (c cause) counts() bool {
	switch c {
	case succeeded, tooEarly, failed, exhausted, errored, stop, pause, resume:
		return true
	}
	return false
}

// running says whether the service runs and is watched.
func (m Monitor) running() bool {
	return m.State == StateStarting || m.State == StateHealthy || m.State == StateUnhealthy
}
