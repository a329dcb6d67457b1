package health

import "time"

// alarms are the times at which there is something to do: one timer for all of
// them, which is off if there is nothing.
type alarms struct {
	timer  *time.Timer
	wait   time.Time   // the end of the back-off; zero: none
	checks []time.Time // of each check; zero: none
}

func newAlarms(checks int) alarms {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return alarms{timer: t, checks: make([]time.Time, checks)}
}

// due says whether a time is set and here.
func due(t time.Time) bool { return !t.IsZero() && !t.After(time.Now()) }

// set sets the timer to the first of the times. Probes that have to wait for the
// one that runs are not among them.
func (a *alarms) set(checks []Check, probing bool) {
	first := a.wait
	for i, t := range a.checks {
		if !t.IsZero() && (checks[i].Push || !probing) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if first.IsZero() {
		a.timer.Stop()
		return
	}
	a.timer.Reset(time.Until(first))
}

// first returns the check whose probe has been due for longest, or -1.
func (a *alarms) first(checks []Check) int {
	first := -1
	for i, t := range a.checks {
		if !checks[i].Push && due(t) && (first < 0 || t.Before(a.checks[first])) {
			first = i
		}
	}
	return first
}
