package cgroups

import (
	"fmt"
	"slices"
	"time"
)

// A Trigger says how much pressure the kernel is to tell of: tasks waited for a
// resource for Stall of a Window, some of them or all at once
// (Documentation/accounting/psi.rst, "Monitoring for pressure thresholds").
type Trigger struct {
	Resource string        // cpu, memory or io
	Full     bool          // all at once
	Stall    time.Duration // at most Window; in whole microseconds
	Window   time.Duration // 500 ms to 10 s; without CAP_SYS_RESOURCE a multiple of 2 s (Linux 6.4)
}

func (t Trigger) kind() string {
	if t.Full {
		return "full"
	}
	return "some"
}

// String is the trigger as the kernel takes it.
func (t Trigger) String() string {
	return fmt.Sprintf("%s %d %d", t.kind(), t.Stall.Microseconds(), t.Window.Microseconds())
}

// check refuses what the kernel would answer with a bare EINVAL.
func (t Trigger) check() error {
	switch {
	case !slices.Contains([]string{"cpu", "memory", "io"}, t.Resource):
		return fmt.Errorf("no pressure of %q: it is cpu, memory or io", t.Resource)
	case t.Window < 500*time.Millisecond || t.Window > 10*time.Second:
		return fmt.Errorf("a window of %v: it is 500ms to 10s", t.Window)
	case t.Stall < time.Microsecond || t.Stall > t.Window:
		return fmt.Errorf("a stall of %v in a window of %v", t.Stall, t.Window)
	}
	return nil
}

// words say what a group's pressure is now that the trigger has fired.
func (t Trigger) words(p *Pressure) string {
	who, s := "some tasks", p.Some
	if t.Full {
		who, s = "all tasks", p.Full
	}
	total := time.Duration(s.Total) * time.Microsecond
	return fmt.Sprintf("%s waited for %s for %v of %v; %.4g%% of the last 10 s, %v in all", who, t.Resource, t.Stall, t.Window, s.Avg10, total)
}
