package tell

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Settings say who is told. The zero value is the journal alone. They cross to
// the supervisor in JSON.
type Settings struct {
	// OnEvent is a command to be run for each event, one at a time and in order,
	// with the event on its stdin and MINI_EVENT, MINI_ID and MINI_STATE in its
	// environment. What it writes goes nowhere, except that mini tells it if the
	// command fails. nil: none.
	OnEvent []string
	// OnEventTimeout is how long it may take before it is killed with all of its
	// process group; 0 is DefaultTimeout. What it leaves behind in that group is
	// killed when it ends.
	OnEventTimeout time.Duration
	// OnEventDir is where it runs; "" is where the supervisor is.
	OnEventDir string
	// Webhook gets each event by POST: http://[USER:PASSWORD@]HOST[:PORT][/PATH],
	// or unix:/SOCKET[:/PATH]. An answer of 2xx takes it; any other 4xx than 408,
	// 425 and 429, and 3xx, refuse it; else it is sent again for five minutes, so
	// that a receiver can see an event twice. "": none.
	Webhook string
	// MetricsFile is written when something changes, at most once a second, and
	// every MetricsInterval. Each time a whole new file takes the place of the old
	// one. It stays when the container has ended, with its last state. Absolute;
	// "": none.
	MetricsFile     string
	MetricsInterval time.Duration // 0 is DefaultInterval
	// MetricsListen is where GET /metrics is answered: [HOST]:PORT or
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
	if len(s.OnEvent) > 0 && s.OnEvent[0] == "" {
		return errors.New("the command to be run for each event is empty")
	}
	if s.MetricsFile != "" && !filepath.IsAbs(s.MetricsFile) {
		return fmt.Errorf("metrics file %s: must be an absolute path", s.MetricsFile)
	}
	if s.Webhook != "" {
		if _, err := parseWebhook(s.Webhook); err != nil {
			return fmt.Errorf("webhook %s: %w", redacted(s.Webhook), err)
		}
	}
	if s.MetricsListen != "" {
		if _, _, err := parseListen(s.MetricsListen); err != nil {
			return fmt.Errorf("metrics address %s: %w", s.MetricsListen, err)
		}
	}
	return nil
}

// redacted is a webhook without what might be a password.
func redacted(webhook string) string {
	scheme, rest, ok := strings.Cut(webhook, "://")
	authority, path, slash := strings.Cut(rest, "/")
	at := strings.LastIndex(authority, "@")
	if !ok || at < 0 {
		return webhook
	}
	authority = "…" + authority[at:]
	if slash {
		path = "/" + path
	}
	return scheme + "://" + authority + path
}
