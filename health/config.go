package health

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Config says how to watch one service. The zero value checks nothing and
// restarts never: then a service is healthy as long as it runs.
type Config struct {
	Checks      []Check
	OnUnhealthy Reaction // to a startup or liveness check that fails
	Restart     Policy
	Backoff     Backoff
	// Settled is how long a service must have been healthy, without a break, for
	// the next wait to be Backoff.Base again; 0 means that waits only grow.
	Settled time.Duration
	// StartLimit ends a service that is started too often. The zero value is no
	// limit.
	StartLimit StartLimit
}

// A Check is one way to ask a service. All times are 0 or more.
type Check struct {
	Name string
	Role Role
	// Delay is the time to the first probe, and Grace the one in which failures do
	// not count unless the check has passed. Both begin with the start or, if the
	// check waits for startup checks, with the pass of the last of those.
	Delay, Grace time.Duration
	// Interval is the time from the end of a probe to the next one, give or take a
	// tenth. 0 of a startup check is StartupInterval. Of a Push check it is the
	// longest silence; 0 means that silence says nothing.
	Interval time.Duration
	Timeout  time.Duration // of a probe, which then has failed; 0 means none
	// Failures and Successes are how many in a row make the check fail and pass;
	// below 1 counts as 1.
	Failures, Successes int
	// Push says that results come in as events and there is no probe to run. What
	// such a check says is believed at once, but failures only once the check's
	// time has come. A liveness check passes until it is said to fail.
	Push bool
	// Quiet is for a Push check of which only the failures are told: it passes
	// until one comes, and again after an Interval without. Not so, silence of an
	// Interval is a failure: a watchdog.
	Quiet bool
}

// StartupInterval is that of a startup check which names none.
const StartupInterval = 250 * time.Millisecond

// A Role says what a check is for, as in Kubernetes.
type Role uint8

const (
	Liveness  Role = iota // a failure is acted upon
	Startup               // as Liveness, but the other checks wait until it has passed, and then it is done with
	Readiness             // a failure is only told
)

var roleNames = []string{"liveness", "startup", "readiness"}

func (r Role) String() string { return roleNames[r] }

// ParseRole reads "startup", "liveness" or "readiness".
func ParseRole(s string) (Role, error) {
	i, err := parseName("role", s, roleNames)
	return Role(i), err
}

// A Reaction is what is done about an unhealthy service.
type Reaction uint8

const (
	ReactNone    Reaction = iota // tell of it
	ReactKill                    // end it at once; the restart policy decides what follows, as after any end
	ReactStop                    // end it, with its grace; it has failed then
	ReactRestart                 // end it, with its grace, and start it again, whatever the restart policy
)

var reactionNames = []string{"none", "kill", "stop", "restart"}

func (r Reaction) String() string { return reactionNames[r] }

// ParseReaction reads "none", "kill", "stop" or "restart".
func ParseReaction(s string) (Reaction, error) {
	i, err := parseName("reaction", s, reactionNames)
	return Reaction(i), err
}

func parseName(what, s string, names []string) (int, error) {
	i := slices.Index(names, s)
	if i < 0 {
		return 0, fmt.Errorf("%s %q: want %s", what, s, strings.Join(names, ", "))
	}
	return i, nil
}

// Validate says what in the configuration makes no sense. Errors of a check are
// a CheckError.
func (c Config) Validate() error {
	for i, check := range c.Checks {
		if err := check.validate(); err != nil {
			return CheckError{Index: i, Name: check.Name, Err: err}
		}
	}
	return errors.Join(c.Backoff.Validate(), c.StartLimit.Validate())
}

// A CheckError is what is wrong with one of Config.Checks.
type CheckError struct {
	Index int
	Name  string
	Err   error
}

func (e CheckError) Error() string { return fmt.Sprintf("check %q: %v", e.Name, e.Err) }
func (e CheckError) Unwrap() error { return e.Err }

func (c Check) validate() error {
	switch {
	case min(c.Delay, c.Grace, c.Interval, c.Timeout) < 0:
		return errors.New("a time is less than 0")
	case !c.Push && c.Interval == 0 && c.Role != Startup:
		return errors.New("the interval must be more than 0")
	case !c.Push && c.Quiet:
		return errors.New("only a push check can be quiet")
	case c.Quiet && c.Role == Startup:
		return errors.New("a startup check must be told of its success: it cannot be quiet")
	case c.Quiet && c.Interval == 0:
		return errors.New("a quiet check needs an interval, after which it passes again")
	}
	return nil
}

// interval is the Interval that is meant.
func (c Check) interval() time.Duration {
	if c.Interval == 0 && c.Role == Startup && !c.Push {
		return StartupInterval
	}
	return c.Interval
}

// presumed says whether the check passes until it fails.
func (c Check) presumed() bool { return c.Push && (c.Role == Liveness || c.Quiet) }
