package health

import (
	"fmt"
	"time"
)

// A Monitor is where a service is in its life. New makes one; Step moves it. It
// is a value: its slices are never written to once it is made.
type Monitor struct {
	State   State
	Reason  Reason // why it is there
	Culprit int    // the check that made it unhealthy, an index in Config.Checks; -1: none
	Paused  bool
	Checks  []CheckState // as in Config.Checks

	Starts      int  // so far, all of them
	StartsFail  int  // those of them that failed
	Restarts    int  // decided by policies and reactions so far
	RestartsReq int  // asked for by the user so far
	Ends        int  // how often it ran and ended
	Exit        Exit // the last end, if Ends > 0

	config    *Config
	fate      fate
	gate      bool            // the startup checks have passed
	row       int             // restarts since the service last was settled
	begun     time.Duration   // when the checks that are not yet passed began to count
	healthyAt time.Duration   // since when it is healthy
	pausedAt  time.Duration   // since when it is paused
	extended  time.Duration   // failures before that do not count while it starts
	starts    []time.Duration // the last ones that the start limit counts
}

// CheckState is what is known of one check.
type CheckState struct {
	Verdict   Verdict
	Failures  int       // in a row, as far as they count
	Successes int       // in a row
	Errors    int       // of this run: probes that could not run
	Total     [3]uint64 // of all runs, by Kind

	seen   bool // there was a result in this run
	passed bool // it was Passing in this run, by its own results
	armed  bool // it is a Push check with a Schedule
}

// A Verdict is what a check says of the service, after as many results in a row
// as it takes.
type Verdict uint8

const (
	Unknown Verdict = iota // not yet enough results
	Passing                // Successes in a row
	Failing                // Failures in a row
)

var verdictNames = [...]string{"unknown", "passing", "failing"}

func (v Verdict) String() string { return verdictNames[v] }

// A Reason is why a service is in its state.
type Reason uint8

const (
	ReasonNone        Reason = iota
	ReasonUnhealthy          // a check fails
	ReasonStop               // the user asked for its end
	ReasonRestart            // the user asked for a restart
	ReasonEnded              // it ended by itself
	ReasonStartFailed        // it did not start
	ReasonMaxRestarts        // it was restarted as often as the policy allows
	ReasonStartLimit         // it was started as often as the start limit allows
)

var reasonNames = [...]string{"", "unhealthy", "stop asked for", "restart asked for", "ended", "did not start",
	"restarted as often as it may be", "started too often"}

func (r Reason) String() string { return reasonNames[r] }

// A fate is what follows the end of a run.
type fate uint8

const (
	byPolicy    fate = iota
	reactAgain       // restarted, for it was unhealthy
	reactFailed      // not restarted, for it was unhealthy
	askedAgain       // the user wants it restarted
	askedStop        // the user wants it stopped
)

// New returns the Monitor of a service that is not started yet.
func New(c Config) Monitor {
	return Monitor{State: StateCreated, Culprit: -1, Checks: make([]CheckState, len(c.Checks)), config: &c}
}

// Done says that the service has ended for good.
func (m Monitor) Done() bool { return m.State == StateFailed || m.State == StateExited }

// Ready says that the service is healthy, not paused, and passes its readiness
// checks: it can do its work.
func (m Monitor) Ready() bool {
	return m.State == StateHealthy && !m.Paused && m.all(Readiness, Passing)
}

// Tally sums up its life: "started 6 times, 1 failed; restarted 5 times; last exit status 1".
func (m Monitor) Tally() string {
	s := "started " + times(m.Starts)
	if m.StartsFail > 0 {
		s += fmt.Sprintf(", %d failed", m.StartsFail)
	}
	s += "; restarted " + times(m.Restarts)
	if m.Ends == 0 {
		return s
	}
	if m.Exit.Signal != 0 {
		return s + "; last killed by " + signalName(m.Exit.Signal)
	}
	return s + fmt.Sprintf("; last exit status %d", m.Exit.Status)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// running says whether the service runs and is watched.
func (m Monitor) running() bool {
	return m.State == StateStarting || m.State == StateHealthy || m.State == StateUnhealthy
}

// all says whether all checks of a role have a verdict.
func (m Monitor) all(r Role, v Verdict) bool {
	for i, c := range m.config.Checks {
		if c.Role == r && m.Checks[i].Verdict != v {
			return false
		}
	}
	return true
}

// failing returns the first startup or liveness check that fails, or -1.
func (m Monitor) failing() int {
	for i, c := range m.config.Checks {
		if c.Role != Readiness && m.Checks[i].Verdict == Failing {
			return i
		}
	}
	return -1
}
