package runtime

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
)

// keep remembers what the heartbeat knows now, for those who ask, and for the
// account of a death.
func (s *supervisor) keep(m health.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = m
}

// checked is what is known of all checks. The lock is held.
func (s *supervisor) checked() []CheckVitals {
	list := []CheckVitals{}
	for i, c := range s.checks {
		v := CheckVitals{Name: c.Name, Role: c.Role.String(), State: health.Unknown.String(), Results: []ProbeResult{}}
		if i < len(s.seen.Checks) {
			v.State, v.Failures = s.seen.Checks[i].Verdict.String(), s.seen.Checks[i].Failures
			v.Errors = s.seen.Checks[i].Errors
		}
		if i < len(s.seen.Results) {
			for _, r := range slices.Backward(s.seen.Results[i]) {
				v.Results = append(v.Results, resultOf(c.Name, r))
			}
		}
		if !s.asking.at.IsZero() && s.asking.check == i {
			at := s.asking.at.UTC()
			v.Asked = &at
		}
		list = append(list, v)
	}
	return list
}

// deathOutput is how much of a probe's output goes into the account of a death,
// in bytes.
const deathOutput = 1 << 10

// lastResults is the last result of each check since a time, the newest first.
func (s *supervisor) lastResults(since time.Time) (last []ProbeResult) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.checked() {
		if len(c.Results) == 0 || c.Results[0].At.Before(since) {
			continue
		}
		r := c.Results[0]
		r.Output = r.Output[:min(len(r.Output), deathOutput)]
		last = append(last, r)
	}
	slices.SortStableFunc(last, func(a, b ProbeResult) int { return b.At.Compare(a.At) })
	return last
}

func resultOf(check string, r health.Result) ProbeResult {
	return ProbeResult{
		Check: check, Kind: r.Kind.String(), Output: r.Output,
		At: time.Now().Add(r.At - boottime()).UTC(), Took: Seconds(r.Duration), CPU: Seconds(r.CPU), Peak: r.Peak,
	}
}

// boottime is the time since the machine was started, that in which it slept
// included (CLOCK_BOOTTIME, clock_gettime(2)).
func boottime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0 // there is no kernel without it
	}
	return time.Duration(t.Nano())
}

// mourn tells people of a death, if they want to know or there is something to
// tell.
func (s *supervisor) mourn(d Death) {
	if d.Remarkable() || s.Watched() {
		s.Say(d.String())
	}
	if d.Remarkable() {
		for _, line := range d.Details() {
			s.Say("  " + line)
		}
	}
}
