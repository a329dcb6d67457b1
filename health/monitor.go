package health

import "time"

// A Config says how to watch one service. The zero value probes nothing and
// restarts never.
type Config struct {
	Restart Policy
	Backoff Backoff
	// Settled is how long a service must have been healthy for the next wait to
	// be Backoff.Base again; 0 means that waits only grow.
	Settled time.Duration

	// Interval is the time from the start, or the end of a probe, to the next
	// probe, give or take a tenth. 0 means that there is no probe: then a service
	// is healthy as long as it runs.
	Interval time.Duration
	// Timeout ends a probe, which then has failed. 0 means none.
	Timeout time.Duration
	// StartPeriod is the time after a start in which failures do not count, up to
	// the first success.
	StartPeriod time.Duration
	// Retries is how many failures in a row make a service unhealthy; below 1
	// counts as 1.
	Retries int
	// OnUnhealthy says what is done then.
	OnUnhealthy Reaction
}

// A Reaction is what is done about an unhealthy service.
type Reaction uint8

const (
	ReactRestart Reaction = iota // stop it and start it again, whatever the restart policy
	ReactNone                    // report it
)

// An Event is something that happened to the service.
type Event struct {
	Kind   EventKind
	Status int // of Exited: 0 to 255, 128+n for signal n
	// Uptime is the time since the last start. It matters for probes' results and
	// for Exited.
	Uptime time.Duration
}

// EventKind are the kinds of events.
type EventKind uint8

const (
	Started     EventKind = iota // it runs, by the first start or a later one
	StartFailed                  // it could not be started
	ProbeSucceeded
	ProbeFailed
	ProbeErrored // the probe could not run
	Exited
	StopRequested // by the user: there is no restart after that
	BackoffOver   // the time of a Wait has passed
	Paused        // or frozen: no probes
	Resumed
	eventCount
)

var eventNames = [eventCount]string{"started", "start failed", "probe succeeded", "probe failed", "probe errored",
	"exited", "stop requested", "backoff over", "paused", "resumed"}

func (k EventKind) String() string { return eventNames[k] }

// An Action is something for the caller of Step to do.
type Action struct {
	Kind  ActionKind
	Delay time.Duration // of StartProbe and Wait
	State State         // of Report
}

// ActionKind are the kinds of actions.
type ActionKind uint8

const (
	StartProbe ActionKind = iota // probe after Delay, and send the result
	EndProbe                     // forget the next probe, end the one that runs, drop its result
	Start                        // start the service, and send Started or StartFailed
	Stop                         // have the service end; Exited follows
	Wait                         // send BackoffOver after Delay
	Report                       // the state is now State
	actionCount
)

var actionNames = [actionCount]string{"start probe", "end probe", "start", "stop", "wait", "report"}

func (k ActionKind) String() string { return actionNames[k] }

// A Monitor is where a service is in its life. New makes one; Step moves it.
type Monitor struct {
	State    State
	Failures int // failed probes in a row
	Errors   int // probes of this run that could not run
	Restarts int // all restarts so far
	Status   int // of the last exit, -1 before the first

	config    Config
	row       int           // restarts since the service last was settled
	healthyAt time.Duration // uptime when it became healthy
	stopped   bool          // the user wants it stopped
	condemned bool          // it is being stopped to be restarted
	paused    bool
}

// New returns the Monitor of a service that is not started yet.
func New(c Config) Monitor { return Monitor{State: StateCreated, Status: -1, config: c} }

// Done says that the service has ended for good.
func (m Monitor) Done() bool { return m.State == StateFailed || m.State == StateExited }

// Step returns the Monitor after an event, and what is to be done, in order.
// Events that make no sense in a state change nothing. rnd gives numbers in
// [0,1), as rand.Float64.
func (m Monitor) Step(e Event, rnd func() float64) (Monitor, []Action) {
	c := m.classify(e)
	if table[m.State][c] == 0 && !c.counts() {
		return m, nil
	}
	m.count(c, e)
	m, actions := m.move(c, rnd)
	if m.State == StateUnhealthy && c == exhausted && m.config.OnUnhealthy == ReactRestart {
		m.condemned = true
		var more []Action
		m, more = m.move(condemned, rnd)
		return m, append(actions, more...)
	}
	switch c {
	case succeeded, tooEarly, failed, exhausted, errored:
		actions = append(actions, m.nextProbe(rnd))
	case pause:
		if m.probed() {
			actions = append(actions, Action{Kind: EndProbe})
		}
	case resume:
		if m.probed() {
			actions = append(actions, m.nextProbe(rnd))
		}
	}
	return m, actions
}

// count keeps the numbers that causes are judged by.
func (m *Monitor) count(c cause, e Event) {
	switch c {
	case started, ready:
		m.Failures, m.Errors, m.healthyAt = 0, 0, 0
		m.condemned, m.paused = false, false
		m.stopped = m.stopped || m.Done() // nobody asked for this run
	case succeeded:
		m.Failures = 0
		if m.State != StateHealthy {
			m.healthyAt = e.Uptime
		}
	case failed, exhausted:
		m.Failures++
	case errored:
		m.Errors++
	case again, over, gaveUp:
		m.countEnd(e)
	case stop:
		m.stopped = true
	case pause:
		m.paused = true
	case resume:
		m.paused = false
	}
}

func (m *Monitor) countEnd(e Event) {
	if e.Kind == Exited {
		m.Status = e.Status
	}
	if m.State == StateHealthy && m.config.Settled > 0 && e.Uptime-m.healthyAt >= m.config.Settled {
		m.row = 0
	}
}

// move goes where the table says, and lists what goes with the new state.
func (m Monitor) move(c cause, rnd func() float64) (Monitor, []Action) {
	next := table[m.State][c]
	if next == 0 {
		return m, nil
	}
	var actions []Action
	wasProbed := m.probed()
	m.State = next
	if wasProbed && !m.running() {
		actions = append(actions, Action{Kind: EndProbe})
	}
	actions = append(actions, Action{Kind: Report, State: next})
	switch next {
	case StateCreated:
		actions = append(actions, Action{Kind: Start})
	case StateStarting:
		actions = append(actions, m.nextProbe(rnd))
	case StateStopping:
		actions = append(actions, Action{Kind: Stop})
	case StateBackoff:
		actions = append(actions, Action{Kind: Wait, Delay: m.config.Backoff.Delay(m.row, rnd)})
		m.row++
		m.Restarts++
	}
	return m, actions
}

// probed says whether there are probes now, pauses apart.
func (m Monitor) probed() bool { return m.running() && m.config.Interval > 0 }

// nextProbe is the next probe after about an interval: services that were
// started together should not be probed together for ever.
func (m Monitor) nextProbe(rnd func() float64) Action {
	factor := 0.9 + 0.2*rnd()
	return Action{Kind: StartProbe, Delay: time.Duration(float64(m.config.Interval) * factor)}
}
