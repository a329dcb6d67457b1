package runtime

import (
	"fmt"
	"os"
	"time"

	"mini/health"
	"mini/runtime/notify"
)

// upward is the service manager that has started mini, if one has: it is told
// when the container is healthy, and that the heartbeat goes on (sd_notify(3),
// sd_watchdog_enabled(3)). nil: nobody asked.
type upward struct {
	socket string
	every  time.Duration // how often it wants a sign of life; 0: never
	last   time.Time     // of the last one
}

// lookUp reads what the manager wants, from the environment of the process pid,
// which is ours too.
func lookUp(pid int) (*upward, error) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return nil, nil
	}
	every, err := notify.WatchdogEnabled(os.Getenv, pid)
	if err != nil {
		return nil, fmt.Errorf("WATCHDOG_USEC: %w", err)
	}
	return &upward{socket: socket, every: every}, nil
}

// report tells of a change of state.
func (u *upward) report(s health.State, status string) error {
	if u == nil {
		return nil
	}
	m := notify.Message{Status: status, HasStatus: true}
	switch s {
	case health.StateHealthy:
		m.Ready, m.MainPID = true, os.Getpid()
	case health.StateExited, health.StateFailed:
		m.Stopping = true
	}
	return notify.Send(u.socket, m)
}

// beat tells that all is well, but not more often than twice in the time in
// which it is wanted.
func (u *upward) beat() error {
	if u == nil || u.every == 0 || time.Since(u.last) < u.every/2 {
		return nil
	}
	u.last = time.Now()
	return notify.Send(u.socket, notify.Message{Watchdog: true})
}
