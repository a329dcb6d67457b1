package runtime

import (
	"fmt"
	"slices"
	"time"

	"mini/health"
	"mini/runtime/checks"
	"mini/runtime/tell"
)

// Heartbeat says how Run watches a container. The zero value waits for its
// end.
type Heartbeat struct {
	Restart Restarts
	Checks  *checks.Spec `json:"-"` // complete; nil: it is healthy as long as it runs
	Tell    tell.Settings
	Timeout time.Duration     // of the whole run, restarts included; 0: none
	Grace   time.Duration     // from being asked to end to being killed
	Say     func(text string) `json:"-"` // is told what becomes of it, a line at a time
	Watch   Watch             `json:"-"`
}

// Restarts say when a container is started again. The zero value is never.
type Restarts struct {
	Policy    string        // no, on-failure[:N], always, unless-stopped; "" is no
	On, Never string        // ends as "3,75,SIGHUP": also after these, and after those never
	Delay     time.Duration // before the first restart
	Factor    float64       // by which each wait is longer than the last
	Max       time.Duration // the longest wait
	Jitter    float64       // the part of a wait, 0 to 1, that chance may take off
	Settled   time.Duration // healthy for so long, it begins with Delay again
	Limit     string        // "5/10s": more starts in that time are a failure; none, or ""
}

// health translates: that package knows no containers.
func (h Heartbeat) health() (health.Config, error) {
	c, err := h.Restart.health()
	if err != nil || h.Checks == nil {
		return c, err
	}
	if c.OnUnhealthy, err = health.ParseReaction(string(h.Checks.OnFailure)); err != nil {
		return c, err
	}
	for _, k := range h.Checks.Checks {
		check, err := translate(k)
		if err != nil {
			return c, fmt.Errorf("check %q: %w", k.Name, err)
		}
		c.Checks = append(c.Checks, check)
	}
	return c, c.Validate()
}

func (r Restarts) health() (c health.Config, err error) {
	if r.Policy != "" {
		if c.Restart, err = health.ParsePolicy(r.Policy); err != nil {
			return c, err
		}
	}
	if c.Restart.On, err = health.ParseSet(r.On); err != nil {
		return c, fmt.Errorf("--restart-on: %w", err)
	}
	if c.Restart.Never, err = health.ParseSet(r.Never); err != nil {
		return c, fmt.Errorf("--restart-never-on: %w", err)
	}
	if r.Limit != "" {
		if c.StartLimit, err = health.ParseStartLimit(r.Limit); err != nil {
			return c, err
		}
	}
	c.Backoff = health.Backoff{Base: r.Delay, Factor: r.Factor, Cap: r.Max, Jitter: r.Jitter}
	c.Settled = r.Settled
	return c, c.Validate()
}

// translate is one check as the state machine has it.
func translate(k checks.Check) (health.Check, error) {
	role, err := health.ParseRole(string(k.Role))
	c := health.Check{
		Name: k.Name, Role: role, Push: k.Push(),
		Delay: time.Duration(k.Delay), Grace: time.Duration(k.Grace),
		Interval: time.Duration(k.Interval), Timeout: time.Duration(k.Timeout),
		Failures: k.Failures, Successes: k.Successes,
	}
	switch {
	case k.Notify != nil:
		c.Interval = time.Duration(k.Notify.Watchdog)
	case k.Pressure != nil:
		c.Interval, c.Quiet = time.Duration(k.Pressure.Calm), true
	case k.Events != nil:
		c.Interval, c.Quiet = time.Duration(k.Events.Calm), true
	}
	return c, err
}

// Watched says whether more was asked for than a run.
func (h Heartbeat) Watched() bool {
	r := h.Restart
	return h.Checks != nil || h.Tell.Any() || r.On != "" || r.Policy != "" && r.Policy != "no"
}

// notify is the socket that the program needs for its checks, nil without one.
func (h Heartbeat) notify() *Notify {
	if h.Checks == nil {
		return nil
	}
	var n *Notify
	for _, k := range h.Checks.Checks {
		if k.Notify == nil {
			continue
		}
		if n == nil {
			n = &Notify{}
		}
		if every := time.Duration(k.Notify.Watchdog); k.Role != checks.Startup && every > 0 && (n.Watchdog == 0 || every < n.Watchdog) {
			n.Watchdog = every
		}
	}
	return n
}

// enters says whether a check is a program that is run in the container.
func (h Heartbeat) enters() bool {
	return h.Checks != nil && slices.ContainsFunc(h.Checks.Checks, func(k checks.Check) bool { return k.Exec != nil })
}

// failures is the longest row of failed probes that lasts now.
func failures(m health.Monitor) (n int) {
	for _, c := range m.Checks {
		n = max(n, c.Failures)
	}
	return n
}
