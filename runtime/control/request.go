package control

import (
	"encoding/json"
	"fmt"
	"time"
)

// Verb is what is asked of a supervisor.
type Verb string

const (
	Health  Verb = "health"  // replies at once; with Request.Full the reply comes after a document
	Wait    Verb = "wait"    // replies when the container is what Request.For says, or has ended
	Stop    Verb = "stop"    // ends the container for good; replies when it has ended
	Restart Verb = "restart" // ends this run and begins another; replies when that runs, or the container has ended for good
	Attach  Verb = "attach"  // what is typed and written, until either side ends it
)

// Goal is what a Wait waits for.
type Goal string

const (
	Exit    Goal = "exit"    // it has ended for good
	Started Goal = "started" // it runs
	Healthy Goal = "healthy" // its probes succeed; without any, it runs
	Ready   Goal = "ready"   // it is healthy, and its readiness checks succeed
)

// ParseGoal reads one of the four.
func ParseGoal(s string) (Goal, error) {
	switch g := Goal(s); g {
	case Exit, Started, Healthy, Ready:
		return g, nil
	}
	return "", fmt.Errorf("cannot wait for %q: exit, started, healthy or ready", s)
}

// Request is the first message to a supervisor.
type Request struct {
	Do     Verb
	For    Goal           `json:",omitempty"` // of Wait
	Full   bool           `json:",omitempty"` // of Health: with all that is known
	Signal int            `json:",omitempty"` // of Stop and Restart; 0: SIGTERM
	Grace  *time.Duration `json:",omitempty"` // of Stop and Restart, up to SIGKILL; nil: as the container was started with
	Size   *Size          `json:",omitempty"` // of Attach: the caller's terminal
}

// ParseRequest reads a Request and refuses what makes no sense.
func ParseRequest(body []byte) (Request, error) {
	var r Request
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("read request: %w", err)
	}
	return r, r.check()
}

func (r Request) check() error {
	switch r.Do {
	case Wait:
		_, err := ParseGoal(string(r.For))
		return err
	case Stop, Restart:
		if r.Signal < 0 || r.Signal > 64 {
			return fmt.Errorf("no such signal: %d", r.Signal)
		}
		if r.Grace != nil && *r.Grace < 0 {
			return fmt.Errorf("a grace of %s is less than none", *r.Grace)
		}
	case Health, Attach:
	default:
		return fmt.Errorf("no such request: %q", string(r.Do))
	}
	return nil
}

// Reply is the last message of a supervisor. The state is as it is then.
type Reply struct {
	Refused  string `json:",omitempty"` // why nothing was done; all else is empty
	State    string // as health.State has it
	Pid      int    `json:",omitempty"` // of the container, 0 when none runs
	Ready    bool   `json:",omitempty"` // it can do its work
	Paused   bool   `json:",omitempty"` // or frozen by somebody else
	Failures int    `json:",omitempty"` // failed probes in a row
	Restarts int    `json:",omitempty"`
	Starts   int    `json:",omitempty"` // all of them, those that were asked for included
	Output   string `json:",omitempty"` // of the last probe
	Terminal bool   `json:",omitempty"` // the program has one
	Ended    bool   // for good
	Status   int    // once ended: what mini run would have exited with
	Death    string `json:",omitempty"` // once ended: the account of it
}

// ParseReply reads a Reply.
func ParseReply(body []byte) (Reply, error) {
	var r Reply
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("read reply: %w", err)
	}
	return r, nil
}

// Reached says whether a Wait for g is over.
func (r Reply) Reached(g Goal) bool {
	switch {
	case r.Ended:
		return true
	case g == Started:
		return r.Pid != 0
	case g == Ready:
		return r.Ready
	}
	return g == Healthy && r.State == "healthy"
}
