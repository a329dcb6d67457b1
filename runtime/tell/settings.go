package tell

import (
	"errors"
	"time"
)

// Settings say who is told. The zero value is the journal alone. They cross to
// the supervisor in JSON.
type Settings struct {
	// OnEvent is a command to be run for each event, one at a time and in order,
	// with the event on its stdin and MINI_EVENT, MINI_ID and MINI_STATE in its
	// environment. nil: none.
	OnEvent []string
	// OnEventTimeout is how long it may take before it is killed with all of its
	// process group; 0 is DefaultTimeout.
	OnEventTimeout time.Duration
	// Webhook gets each event by POST: http://HOST[:PORT]/PATH, or
	// unix:/SOCKET[:/PATH]. "": none.
	Webhook string
	// MetricsFile is written when something changes, and every MetricsInterval.
	// A writer puts a whole new file in the place of the old one. "": none.
	MetricsFile     string
	MetricsInterval time.Duration // 0 is DefaultInterval
	// MetricsListen is where GET /metrics is answered: HOST:PORT, :PORT or
	// unix:/SOCKET. "": nowhere.
	MetricsListen string
}

// Defaults of Settings.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultInterval = 15 * time.Second
)

// Any says whether anybody is to be told, beside the journal.
func (s Settings) Any() bool {
	return len(s.OnEvent) > 0 || s.Webhook != "" || s.MetricsFile != "" || s.MetricsListen != ""
}

// Check refuses settings that can never work. It looks at nothing outside.
func (s Settings) Check() error {
	if s.OnEventTimeout < 0 || s.MetricsInterval < 0 {
		return errors.New("a time must not be negative")
	}
	return nil
}
