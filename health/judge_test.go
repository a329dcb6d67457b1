package health

import (
	"testing"
	"time"
)

// A judge follows what happens in a world with bookkeeping of its own, and
// complains of what must not be. All its times are of a clock that stands still
// while the machine sleeps.
type judge struct {
	t      *testing.T
	seed   uint64
	config Config
	begin  time.Time

	// The run.
	paused      bool
	pausedAt    time.Time
	pausedFor   time.Duration // in this run
	begun       time.Time     // of the checks: the start, or the pass of the startup checks
	pausedUntil time.Duration // pausedFor at begun
	open        bool          // the startup checks have passed
	asked       []asked
	condemned   bool // by a reaction
	restart     bool // asked for by the user, and known

	// The probe.
	probing      int // -1: none
	id           int
	worthless    map[int]bool // the numbers of probes in which the machine slept
	disturbed    time.Time    // when all schedules were begun anew, or will be soon
	inStart      bool
	results      []uint64 // of each check
	restartSent  bool
	stop, sent   bool // asked for by the user: known, sent
	state        State
	healthySince time.Time // without a pause
	healthyFor   time.Duration

	end      *Event // that nothing has followed yet
	row      int
	settled  bool          // the waits began anew
	low      time.Duration // the bounds of the wait
	high     time.Duration
	decided  time.Time
	byUser   bool // the next start is the user's
	starts   []time.Time
	all      int
	ends     int
	restarts int
	probes   int
}

// asked is what is known of a check in this run.
type asked struct {
	ended               time.Time // the last probe; zero: none
	seen                bool      // a result came of one
	passed              bool
	failures, successes int
}

func newJudge(t *testing.T, seed uint64, c Config) judge {
	return judge{t: t, seed: seed, config: c, begin: time.Now(), probing: -1, state: StateCreated, worthless: map[int]bool{},
		results: make([]uint64, len(c.Checks))}
}

func (j *judge) errorf(format string, args ...any) {
	j.t.Helper()
	j.t.Errorf("seed %d, after %v: "+format, append([]any{j.seed, time.Since(j.begin)}, args...)...)
}

// starting is told of the begin of a start.
func (j *judge) starting(running bool) {
	switch wait := time.Since(j.decided); {
	case running:
		j.errorf("started twice")
	case j.stop:
		j.errorf("started after a stop was asked for")
	case j.end != nil:
		j.errorf("started, and nothing was decided after the last end")
	case j.all == 0:
	case wait > j.high:
		j.errorf("waited %v, want at most %v", wait, j.high)
	case wait < j.low && !j.byUser && !j.restartSent:
		j.errorf("waited %v, want at least %v", wait, j.low)
	}
	j.all++
	j.inStart = true
	if !j.byUser {
		j.limit()
	}
	j.byUser = false
}

// limit holds the start limit.
func (j *judge) limit() {
	j.starts = append(j.starts, time.Now())
	l := j.config.StartLimit
	if n := len(j.starts); l.limits() && n > l.Starts {
		if within := time.Since(j.starts[n-1-l.Starts]); within < l.Within {
			j.errorf("%d starts within %v", l.Starts+1, within)
		}
	}
}

// watched is told of the end of a start. Watch learns of the first only then.
func (j *judge) watched() {
	if j.inStart = false; j.all == 1 {
		j.starts[0] = time.Now()
	}
}

func (j *judge) started() {
	j.watched()
	j.paused, j.pausedFor, j.pausedUntil, j.begun, j.open = false, 0, 0, time.Now(), true
	j.condemned, j.restart = false, false
	j.asked = make([]asked, len(j.config.Checks))
	for i, c := range j.config.Checks {
		j.open = j.open && c.Role != Startup
		j.asked[i].passed = c.presumed()
	}
}

func (j *judge) ended(e Event) {
	if j.end != nil {
		j.errorf("two ends without a decision")
	}
	if e.Kind == Exited {
		j.ends++
	} else {
		j.watched()
	}
	j.end, j.paused = &e, false
}

// told is told that the service is told to end.
func (j *judge) told(kill bool) {
	if j.probing >= 0 {
		j.errorf("told to end while it is probed")
	}
	if want := j.condemned && j.config.OnUnhealthy == ReactKill; kill != want {
		j.errorf("killed: %v, want %v", kill, want)
	}
}

func (j *judge) probeBegins(i int, alive bool) {
	c, a := j.config.Checks[i], &j.asked[i]
	switch gap := time.Since(a.ended); {
	case j.probing >= 0:
		j.errorf("two probes at once")
	case !alive:
		j.errorf("probe while the service does not run, or was told to end")
	case j.paused:
		j.errorf("probe while paused")
	case c.Push:
		j.errorf("probe of what tells by itself")
	case j.open != (c.Role != Startup):
		j.errorf("probe of a %s check, startup passed: %v", c.Role, j.open)
	case c.Role == Startup && a.passed:
		j.errorf("probe of a startup check that passed")
	case j.active() < c.Delay:
		j.errorf("probe %v after the start, want a delay of %v", j.active(), c.Delay)
	case a.seen && gap < c.Interval*9/10:
		j.errorf("probe %v after the last, interval %v", gap, c.Interval)
	}
	j.starved()
	j.probing = i
	j.probes++
}

// active is how long the checks have been going on, without pauses.
func (j *judge) active() time.Duration {
	return time.Since(j.begun) - (j.pausedFor - j.pausedUntil)
}

// starved complains of checks that should have been asked long ago: each other
// may come once before it.
func (j *judge) starved() {
	wait := time.Duration(0)
	for _, c := range j.config.Checks {
		if !c.Push {
			wait += c.Timeout
		}
	}
	for i, c := range j.config.Checks {
		a := j.asked[i]
		if c.Push || !a.seen || c.Role == Startup && a.passed {
			continue
		}
		last, longest := a.ended, c.Interval*11/10+wait
		if j.disturbed.After(last) {
			last, longest = j.disturbed, longest+c.Interval*11/10
		}
		if gap := time.Since(last); gap > longest {
			j.errorf("check %d was not asked for %v, interval %v", i, gap, c.Interval)
		}
	}
}

func (j *judge) probeEnds(i int) {
	j.probing = -1
	j.asked[i].ended = time.Now()
}

func (j *judge) slept() {
	if j.probing >= 0 {
		j.worthless[j.id] = true
	}
	j.disturbed = time.Now()
}

func (j *judge) isPaused() {
	if j.probing >= 0 {
		j.errorf("probe in spite of a pause")
	}
	j.paused, j.pausedAt = true, time.Now()
	j.healthyFor += j.sinceHealthy()
	j.healthySince = time.Time{}
}

func (j *judge) resumed() {
	j.paused, j.disturbed = false, time.Now()
	if j.pausedAt.Before(j.begun) {
		j.pausedAt = j.begun // what tells by itself may open the startup gate meanwhile
	}
	j.pausedFor += time.Since(j.pausedAt)
	if j.state == StateHealthy {
		j.healthySince = time.Now()
	}
}

func (j *judge) sinceHealthy() time.Duration {
	if j.healthySince.IsZero() {
		return 0
	}
	return time.Since(j.healthySince)
}

func (j *judge) asks(k EventKind) {
	j.sent = j.sent || k == StopRequested
	j.restartSent = k == RestartRequested
}

func (j *judge) known(k EventKind) {
	j.restartSent = false
	if j.inStart {
		return // it is known once the start is over
	}
	j.stop = j.stop || k == StopRequested
	j.restart = j.restart || k == RestartRequested && j.state == StateStopping && !j.sent
}
