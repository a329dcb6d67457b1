package runtime

import (
	"encoding/json"
	"time"
)

// Death is the account of a container's end, read from its cgroup before that
// is removed. In JSON times are seconds and sizes bytes; its keys are stable.
// What the host does not count is zero or absent.
type Death struct {
	ID       string        `json:"id"`
	Started  time.Time     `json:"started"`
	Ended    time.Time     `json:"ended"`
	Lived    Seconds       `json:"seconds"`
	Status   int           `json:"status"`           // the program's own, 128+n if signal n killed it, or Unknown
	Signal   string        `json:"signal,omitempty"` // that killed it: SIGKILL
	By       string        `json:"by,omitempty"`     // why mini ended it: "--timeout 1m0s", "unhealthy", a signal's name; "" if it did not
	OOM      *OOM          `json:"oom,omitempty"`    // nil: nothing was killed for lack of memory
	Memory   DeathMemory   `json:"memory"`
	Pids     DeathPids     `json:"pids"`
	CPU      DeathCPU      `json:"cpu"`
	Pressure DeathPressure `json:"pressure"`
	Probes   []ProbeResult `json:"probes,omitempty"` // the last of each check, the newest first
	Log      []LogLine     `json:"log,omitempty"`    // what it wrote last, if that went through mini
}

// OOM says whose memory ran out.
type OOM struct {
	Kills uint64 `json:"kills"`          // processes of the container that were killed
	Limit string `json:"limit"`          // own, inner (set inside the container), ancestor, host (no limit: the machine was out of it)
	Path  string `json:"path,omitempty"` // the cgroup that has the limit, of own and ancestor
}

// DeathMemory is in bytes.
type DeathMemory struct {
	Peak  uint64 `json:"peak,omitempty"`
	Limit uint64 `json:"limit,omitempty"` // 0: none
}

// DeathPids counts processes and threads.
type DeathPids struct {
	Refused uint64 `json:"refused,omitempty"` // forks that failed for pids.max
	Peak    uint64 `json:"peak,omitempty"`
	Limit   uint64 `json:"limit,omitempty"` // 0: none
}

// DeathCPU is the time it ran, and that for which cpu.max kept it from running.
type DeathCPU struct {
	Used      Seconds `json:"used"`
	Throttled Seconds `json:"throttled,omitempty"`
	Throttles uint64  `json:"throttles,omitempty"` // periods in which it was
}

// DeathPressure is for how long the container waited for something in all its
// life; nil where the kernel does not count that.
type DeathPressure struct {
	CPU    *Waited `json:"cpu,omitempty"`
	Memory *Waited `json:"memory,omitempty"`
	IO     *Waited `json:"io,omitempty"`
}

// Waited is the time in which some tasks waited, and in which all did.
type Waited struct {
	Some Seconds `json:"some"`
	Full Seconds `json:"full"`
}

// ProbeResult is what a probe came to.
type ProbeResult struct {
	Check  string    `json:"check"`
	Kind   string    `json:"kind"` // success, failure, error
	Output string    `json:"output,omitempty"`
	At     time.Time `json:"at"`
	Took   Seconds   `json:"seconds"`
	CPU    Seconds   `json:"cpu,omitempty"`
	Peak   uint64    `json:"peak,omitempty"` // bytes of memory
}

// LogLine is a line that the program wrote, or its beginning.
type LogLine struct {
	At     time.Time `json:"at"`
	Stream string    `json:"stream"` // stdout, stderr
	Text   string    `json:"text"`
}

// Seconds is a time span, which in JSON is a number of seconds.
type Seconds time.Duration

// MarshalJSON writes a decimal fraction.
func (s Seconds) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).Seconds()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	var f float64
	err := json.Unmarshal(text, &f)
	*s = Seconds(f * float64(time.Second))
	return err
}

// String is as people read it: above a second to a tenth, below a hundredth to
// ten microseconds, else to the millisecond.
func (s Seconds) String() string {
	d := time.Duration(s)
	if d > time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// ExitStatus is the program's own, 128 and the signal that killed it, or
// Unknown.
func (d Death) ExitStatus() int { return d.Status }

// Remarkable says whether a person should be told: the program was killed, or
// a limit stood in its way.
func (d Death) Remarkable() bool {
	return d.Signal != "" || d.By != "" || d.OOM != nil || d.Pids.Refused > 0
}
