package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mini/cgroups"
	"mini/health"
	"mini/runtime/control"
	"mini/runtime/state"
)

// Vitals is what is known of the health of a detached container. In JSON times
// are seconds and sizes bytes.
type Vitals struct {
	ID       string        `json:"id"`
	State    string        `json:"state"`            // created starting healthy unhealthy stopping backoff failed exited
	Ready    bool          `json:"ready"`            // it runs, and can be used
	Paused   bool          `json:"paused,omitempty"` // or frozen by somebody else: nobody asks it
	Pid      int           `json:"pid,omitempty"`
	Status   string        `json:"status,omitempty"` // what the program last said of itself (STATUS= of sd_notify(3))
	Failures int           `json:"failingStreak"`    // failed probes in a row
	Restarts int           `json:"restarts"`
	Checks   []CheckVitals `json:"checks"`
	Usage    *Usages       `json:"usage,omitempty"`     // nil: it does not run, or has no cgroup
	Death    *Death        `json:"lastDeath,omitempty"` // of the last run that has ended
	Exit     *state.Exit   `json:"exit,omitempty"`      // once it has ended for good
}

// CheckVitals is what is known of one check.
type CheckVitals struct {
	Name     string        `json:"name"`
	Role     string        `json:"role"`  // startup, liveness, readiness
	State    string        `json:"state"` // unknown, passing, failing
	Failures int           `json:"failingStreak"`
	Errors   int           `json:"errors"`          // probes of this run that could not run
	Asked    *time.Time    `json:"asked,omitempty"` // when the probe began that has not ended yet; nil: none runs
	Results  []ProbeResult `json:"results"`         // the last five, the newest first
}

// Usages is what a container uses now. A limit of 0 is none.
type Usages struct {
	CPU         Seconds `json:"cpu"` // of this run so far
	Throttled   Seconds `json:"throttled"`
	CPULimit    float64 `json:"cpuLimit,omitempty"` // in processors
	Memory      uint64  `json:"memory"`
	MemoryPeak  uint64  `json:"memoryPeak,omitempty"`
	MemoryLimit uint64  `json:"memoryLimit,omitempty"`
	Pids        uint64  `json:"pids"`
	PidsLimit   uint64  `json:"pidsLimit,omitempty"`
	// Pressure is the share of the last ten seconds, in percent, in which some
	// task waited; nil where the kernel does not count.
	Pressure *Pressures `json:"pressure,omitempty"`
}

// Pressures are percentages.
type Pressures struct {
	CPU    float64 `json:"cpu"`
	Memory float64 `json:"memory"`
	IO     float64 `json:"io"`
}

// Healthy says whether it is, or is taken to be for want of checks.
func (v Vitals) Healthy() bool { return v.State == health.StateHealthy.String() }

// Examine asks the supervisor of a detached container. One that has ended for
// good tells by its record.
func Examine(root, id string) (Vitals, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return Vitals{}, err
	}
	v, err := consult(d)
	if errors.Is(err, errNoSupervisor) {
		v, err = remembered(d)
	}
	if err != nil {
		return v, about(id, err)
	}
	if v.Pid != 0 {
		v.Usage = usagesOf(d)
	}
	return v, nil
}

// consult asks the supervisor for all it knows.
func consult(d *state.Dir) (v Vitals, err error) {
	conn, err := dial(d, control.Request{Do: control.Health, Full: true})
	if err != nil {
		return v, err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(answerLimit))
	doc, last, err := control.ReadDocument(conn)
	if err != nil {
		return v, lost(err)
	}
	if _, err := parseReply(last); err != nil {
		return v, err
	}
	if err := json.Unmarshal(doc, &v); err != nil {
		return v, fmt.Errorf("read what the supervisor says: %w", err)
	}
	return v, nil
}

// remembered is for a container without a supervisor to ask.
func remembered(d *state.Dir) (Vitals, error) {
	r, err := d.Load()
	if err != nil {
		return Vitals{}, err
	}
	if r.Exit == nil {
		return Vitals{}, errors.New("is not watched by a supervisor that could tell: only run -d starts one")
	}
	exit := *r.Exit
	v := Vitals{ID: d.ID, State: ended(r).State, Restarts: exit.Restarts, Checks: []CheckVitals{}, Exit: &exit}
	if exit.Account != nil {
		v.Death = new(Death)
		if err := json.Unmarshal(exit.Account, v.Death); err != nil {
			return v, fmt.Errorf("read the account of its end: %w", err)
		}
		exit.Account = nil // once is enough
	}
	return v, nil
}

// vitals is the supervisor's side.
func (d *detached) vitals() Vitals {
	now, _ := d.board.read()
	s := d.supervisor
	s.mu.Lock()
	defer s.mu.Unlock()
	v := Vitals{
		ID: d.dir.ID, State: now.State, Pid: now.Pid, Failures: now.Failures, Restarts: now.Restarts,
		Ready: now.Ready, Paused: now.Paused, Checks: s.checked(),
	}
	if s.now != nil && s.words.by == s.now {
		v.Status = s.words.text
	}
	if s.death.ID != "" {
		death := s.death
		v.Death = &death
	}
	return v
}

// usagesOf reads the cgroup; nil if there is none any more.
func usagesOf(d *state.Dir) *Usages {
	r, err := d.Load()
	if err != nil || r.Cgroup == "" {
		return nil
	}
	g, err := cgroups.Open(r.Cgroup)
	if err != nil {
		return nil
	}
	defer g.Close()
	s, err := g.Glance()
	if err != nil {
		return nil
	}
	return usages(s)
}

func usages(s cgroups.Stats) *Usages {
	u := &Usages{
		CPU: micro(s.CPU.Usage), Throttled: micro(s.CPU.ThrottledTime), CPULimit: s.CPU.Limit,
		Memory: s.Memory.Current, MemoryPeak: s.Memory.Peak, MemoryLimit: ceiling(s.Memory.Limit),
		Pids: s.Pids.Current, PidsLimit: ceiling(s.Pids.Limit),
	}
	if s.CPUPressure != nil && s.MemoryPressure != nil && s.IOPressure != nil {
		u.Pressure = &Pressures{s.CPUPressure.Some.Avg10, s.MemoryPressure.Some.Avg10, s.IOPressure.Some.Avg10}
	}
	return u
}
