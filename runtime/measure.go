package runtime

import (
	"strings"
	"time"

	"mini/health"
	"mini/runtime/tell"
)

// sample is what there is to measure now.
func (s *supervisor) sample() tell.Sample {
	m := tell.Sample{ID: s.config.ID, At: time.Now(), State: health.StateCreated.String()}
	now := s.known()
	if now.State != 0 {
		m.State, m.Ready = now.State.String(), s.readiness(now)
		m.Restarts, m.Deaths = uint64(now.Restarts+now.RestartsReq), uint64(now.Ends)
		if now.Ends > 0 {
			code := now.Exit.Code()
			m.Exit = &code
		}
		m.Checks = s.measured(now)
	}
	if c := s.running(); c != nil {
		m.Pid, m.Start = c.Record.Pid, c.Record.Created
		m.Cgroup = strings.TrimPrefix(c.Record.Cgroup, c.Plan.facts.Cgroups.Mountpoint)
		m.Usage = c.usage()
	}
	return m
}

// spend adds up what the probes of each check have used.
func (s *supervisor) spend(r health.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probeCPU == nil {
		s.probeCPU = make([]time.Duration, len(s.checks))
	}
	s.probeCPU[r.Check] += r.CPU
}

func (s *supervisor) spent(check int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probeCPU[check]
}

// measured is what is known of each check.
func (s *supervisor) measured(now health.Snapshot) (list []tell.CheckSample) {
	for i, check := range now.Checks {
		m := tell.CheckSample{
			Name: s.Checks.Checks[i].Name, Role: string(s.Checks.Checks[i].Role), InARow: check.Failures,
			Successes: check.Total[health.Success], Failures: check.Total[health.Failure], Errors: check.Total[health.Error],
		}
		if kept := now.Results[i]; len(kept) > 0 {
			last := kept[len(kept)-1]
			m.CPU = s.spent(i)
			m.Last, m.LastAt, m.LastDuration, m.Peak = last.Kind.String(), time.Now().Add(last.At-boottime()), last.Duration, last.Peak
		}
		list = append(list, m)
	}
	return list
}
