package tell

import (
	"encoding/json"
	"strings"
	"time"
)

// Kind says what happened. The names are stable.
type Kind string

const (
	State   Kind = "state"   // the state changed, from From to State
	Ready   Kind = "ready"   // readiness changed, to Ready
	Died    Kind = "died"    // a run ended; Status, Signal, Reason, Death. A State follows
	Probed  Kind = "probe"   // a check's results changed their kind; Probe is the first of the new kind
	Paused  Kind = "paused"  // frozen: no probes
	Resumed Kind = "resumed" // thawed
	OOM     Kind = "oom"     // processes were killed for lack of memory, the container lives on
	Status  Kind = "status"  // the service told something of itself: Reason (STATUS= of sd_notify(3))
	Warning Kind = "warning" // something beside the service does not work: Reason
	// Lost and Removed are Follow's own: it could not read all events of the
	// container; the container's directory is gone.
	Lost    Kind = "lost"
	Removed Kind = "removed"
)

// Event is something that happened to a container: a line of JSON, of MaxLine
// bytes at most. Fields that say nothing are left out.
type Event struct {
	Time     time.Time `json:"time"` // RFC 3339 with nanoseconds, UTC; Tell sets it if it is zero
	ID       string    `json:"id"`   // of the container; Tell sets it
	Kind     Kind      `json:"event"`
	From     string    `json:"from,omitempty"`     // the state before
	State    string    `json:"state,omitempty"`    // the state now: created starting healthy unhealthy stopping backoff failed exited
	Ready    *bool     `json:"ready,omitempty"`    // whether it wants to be asked; absent if nothing checks that
	Pid      int       `json:"pid,omitempty"`      // of its first process, seen from outside, while there is one
	Restarts int       `json:"restarts,omitempty"` // so far
	Status   *int      `json:"status,omitempty"`   // how the last run ended: 0 to 255, 128+n for signal n
	Signal   string    `json:"signal,omitempty"`   // SIGKILL, if one ended it
	Reason   string    `json:"reason,omitempty"`   // for people
	Probe    *Probe    `json:"probe,omitempty"`    // the last result, where a probe is the cause
	Death    any       `json:"death,omitempty"`    // the account of the end, as its maker writes it in JSON
	Cut      bool      `json:"cut,omitempty"`      // it was longer than MaxLine: Death or texts were left out
	Dropped  uint64    `json:"dropped,omitempty"`  // events before this one that did not get to this receiver
}

// Probe is the result of a probe.
type Probe struct {
	Check   string  `json:"check"`
	Role    string  `json:"role,omitempty"` // startup, liveness, readiness
	Result  string  `json:"result"`         // success, failure, error
	Output  string  `json:"output,omitempty"`
	Row     int     `json:"row,omitempty"` // how many of this kind in a row
	Seconds float64 `json:"seconds"`       // how long it took
}

// Final says whether it is the last one of a container's life.
func (e Event) Final() bool {
	return e.Kind == State && (e.State == "exited" || e.State == "failed") || e.Kind == Removed
}

// MaxLine is the length of the longest line, its newline included. What is
// longer is told without Death, and with no more than the beginning of texts.
const MaxLine = 32 << 10

// droppedRoom is what withDropped and the line's end may add.
const droppedRoom = 40

// maxText is how many bytes of a text are left when the line is too long, and
// maxName of one that should be short. JSON may make six of each.
const (
	maxText = 1 << 10
	maxName = 256
)

// line is the event in JSON, with a newline.
func (e Event) line() []byte {
	text, err := json.Marshal(e)
	if err != nil || len(text) > MaxLine-droppedRoom {
		text, _ = json.Marshal(e.shortened()) // nothing in it can fail
	}
	return append(text, '\n')
}

// shortened leaves out what may be of any length.
func (e Event) shortened() Event {
	e.Death, e.Cut, e.Kind = nil, true, Kind(beginning(string(e.Kind), maxName))
	for _, s := range []*string{&e.ID, &e.From, &e.State, &e.Signal} {
		*s = beginning(*s, maxName)
	}
	e.Reason = beginning(e.Reason, maxText)
	if e.Probe != nil {
		p := *e.Probe
		p.Check, p.Role, p.Result = beginning(p.Check, maxName), beginning(p.Role, maxName), beginning(p.Result, maxName)
		p.Output = beginning(p.Output, maxText)
		e.Probe = &p
	}
	return e
}

// beginning is at most n bytes of s, in whole characters.
func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
