package health

// A State is a stage in the life of a service.
type State uint8

const (
	_              State = iota
	StateCreated         // is being started, or to be started
	StateStarting        // runs, has not yet passed what it has to pass
	StateHealthy         // runs, and passed
	StateUnhealthy       // runs, and a startup or liveness check fails
	StateStopping        // told to end
	StateBackoff         // ended, waits for a restart
	StateFailed          // ended for good, in spite of what was wanted
	StateExited          // ended for good
	stateCount
)

var stateNames = [stateCount]string{"", "created", "starting", "healthy", "unhealthy", "stopping", "backoff", "failed", "exited"}

// String is the state as `mini health` and the events have it: "starting".
func (s State) String() string { return stateNames[s] }

// A cause is what an event means, once checks, limits and policies are
// considered. Only causes move a service from one state to another.
type cause uint8

const (
	none      cause = iota
	started         // and there are checks to pass
	ready           // started, and there are none
	unwanted        // started, but its end was asked for meanwhile
	well            // all startup and liveness checks pass
	sick            // one of them fails
	condemned       // it is to be ended for that
	again           // ended or not started, to be restarted after a wait
	anew            // ended, to be restarted at once: a restart was asked for
	over            // ended, not to be restarted
	gaveUp          // ended or not started, and may not be restarted
	stop            // asked for by the user
	restart         // asked for by the user
	waited          // the back-off is over
	causeCount
)

// table has the next state for each state and cause: these are all transitions
// that there are. Where it has none the state stays.
var table = [stateCount][causeCount]State{
	StateCreated: {
		started:  StateStarting,
		ready:    StateHealthy,
		unwanted: StateStopping,
		again:    StateBackoff,
		over:     StateExited,
		gaveUp:   StateFailed,
	},
	StateStarting: {
		well:    StateHealthy,
		sick:    StateUnhealthy,
		again:   StateBackoff,
		over:    StateExited,
		gaveUp:  StateFailed,
		stop:    StateStopping,
		restart: StateStopping,
	},
	StateHealthy: {
		sick:    StateUnhealthy,
		again:   StateBackoff,
		over:    StateExited,
		gaveUp:  StateFailed,
		stop:    StateStopping,
		restart: StateStopping,
	},
	StateUnhealthy: {
		well:      StateHealthy,
		condemned: StateStopping,
		again:     StateBackoff,
		over:      StateExited,
		gaveUp:    StateFailed,
		stop:      StateStopping,
		restart:   StateStopping,
	},
	StateStopping: {
		again:  StateBackoff,
		anew:   StateCreated,
		over:   StateExited,
		gaveUp: StateFailed,
	},
	StateBackoff: {
		stop:    StateExited,
		restart: StateCreated,
		waited:  StateCreated,
	},
	StateFailed: {},
	StateExited: {},
}
