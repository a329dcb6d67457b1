package runtime

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"mini/health"
)

// Heartbeat says how Run watches a container. The zero value waits for its
// end.
type Heartbeat struct {
	Restart string            // no, on-failure[:N], always, unless-stopped; "" is no
	Check   *HealthCheck      // nil: it is healthy as long as it runs
	Timeout time.Duration     // of the whole run, restarts included; 0: none
	Grace   time.Duration     // from being asked to end to being killed
	Say     func(text string) `json:"-"` // is told what becomes of it, a line at a time
	Watch   Watch             `json:"-"`
}

// HealthCheck asks a container whether it is well.
type HealthCheck struct {
	Command     []string      // run inside; status 0 is well
	Interval    time.Duration // from the end of one to the next, more than 0
	Timeout     time.Duration // of one; 0: none
	StartPeriod time.Duration // failures do not count for so long after a start
	Retries     int           // failures in a row that make it unhealthy
}

// The waits between restarts: 100 ms, doubled each time up to a minute. Once
// the container has been healthy for ten seconds they begin anew.
var (
	backoff = health.Backoff{Base: 100 * time.Millisecond, Factor: 2, Cap: time.Minute, Jitter: 0.1}
	settled = 10 * time.Second
)

// health translates: that package knows no containers.
func (h Heartbeat) health() (health.Config, error) {
	c := health.Config{Backoff: backoff, Settled: settled}
	var err error
	if h.Restart != "" {
		c.Restart, err = health.ParsePolicy(h.Restart)
	}
	if h.Check == nil || err != nil {
		return c, err
	}
	if h.Check.Interval <= 0 {
		return c, errors.New("the interval of a probe must be more than 0")
	}
	c.OnUnhealthy = health.ReactRestart
	c.Checks = []health.Check{{
		Name: "health", Role: health.Liveness,
		Delay: h.Check.Interval, Interval: h.Check.Interval, Timeout: h.Check.Timeout,
		Grace: h.Check.StartPeriod, Failures: h.Check.Retries,
	}}
	return c, c.Validate()
}

// watched says whether more was asked for than a run.
func (h Heartbeat) watched() bool {
	return h.Check != nil || h.Restart != "" && h.Restart != "no"
}

// report says what changed, to those who asked for more than a run.
func (s *supervisor) report(m health.Snapshot) {
	last, _ := m.Last()
	s.keep(m)
	if s.detached != nil {
		s.detached.note(m, s.running())
	}
	if !m.Changed() {
		return
	}
	text := ""
	switch m.State {
	case health.StateHealthy:
		if s.Check == nil {
			return // it runs: no more is known
		}
	case health.StateUnhealthy:
		s.setBy("unhealthy")
		text = fmt.Sprintf(" after %d failed probes: %s", failures(m.Monitor), strings.TrimSpace(last.Output))
	case health.StateBackoff:
		text = fmt.Sprintf(", restart %d follows", m.Restarts)
	case health.StateFailed:
		text = fmt.Sprintf(" after %d restarts", m.Restarts)
	default:
		return // its start and its end are said elsewhere
	}
	if s.watched() {
		s.Say(s.config.ID + ": " + m.State.String() + text)
	}
}

// failures is how many probes in a row have failed.
func failures(m health.Monitor) int {
	if len(m.Checks) == 0 {
		return 0
	}
	return m.Checks[0].Failures
}

// exitOf is an end as the heartbeat knows it.
func exitOf(d Death) health.Exit {
	if d.Signal != "" {
		return health.Exit{Signal: d.Status - 128}
	}
	return health.Exit{Status: d.Status}
}
