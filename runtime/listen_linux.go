package runtime

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"mini/cgroups"
	"mini/health"
	"mini/runtime/checks"
	"mini/runtime/notify"
	"mini/runtime/tell"
)

// listening is what goes on beside one run for the checks that nobody asks, but
// which come by themselves.
type listening struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
}

// listen begins to wait for what comes from a container.
func (s *supervisor) listen(c *Container) *listening {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listening{cancel: cancel}
	if s.Checks == nil {
		return l
	}
	l.all.Go(func() { s.listenFreezer(ctx, c) })
	if n := c.Plan.notify; n != nil {
		l.all.Go(func() { s.listenNotify(ctx, n.listener) })
	}
	for i, k := range s.Checks.Checks {
		if k.Pressure != nil || k.Events != nil {
			l.all.Go(func() { s.listenAlarm(ctx, c, i, k) })
		}
	}
	return l
}

// end is for the end of the run.
func (l *listening) end() {
	if l != nil {
		l.cancel()
		l.all.Wait()
	}
}

// listenNotify hears what the program says of itself.
func (s *supervisor) listenNotify(ctx context.Context, l *notify.Listener) {
	for {
		m, err := l.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			s.Say(s.config.ID + ": what the program says of itself cannot be heard: " + Explain(err))
			return
		}
		s.heard(m)
	}
}

// heard makes events of a message.
func (s *supervisor) heard(m notify.Message) {
	if m.Extend > 0 {
		s.events <- health.Event{Kind: health.Extended, For: m.Extend}
	}
	for i, k := range s.Checks.Checks {
		if k.Notify == nil {
			continue
		}
		if r, ok := spoken(k.Role, m); ok {
			s.events <- health.Event{Kind: health.ProbeDone, Check: i, Result: r}
		}
	}
	if m.HasStatus {
		s.mu.Lock()
		s.words = words{s.now, m.Status}
		s.mu.Unlock()
	}
	if m.HasStatus && s.chatter.worth(m.Status, time.Now()) {
		s.teller.Tell(tell.Event{Kind: tell.Status, Pid: s.pid(), Reason: m.Status})
	}
}

// words are what a run's program has said of itself (STATUS=).
type words struct {
	by   *Container
	text string
}

// chatter bounds what a program may tell of itself, so that it does not push all
// else out of the journal.
type chatter struct {
	last string
	at   []time.Time // of those that were told, the last ten
}

// worth says whether a status is to be told: it is another than the last, and
// there were not ten in the last ten seconds.
func (c *chatter) worth(status string, now time.Time) bool {
	if status == c.last || len(c.at) == 10 && now.Sub(c.at[0]) < 10*time.Second {
		return false
	}
	c.last, c.at = status, append(c.at[len(c.at)/10:], now)
	return true
}

// spoken is what a message means for a check, if it does. Only READY=1 ends a
// start; to be ready a service must not be reloading or stopping.
func spoken(role checks.Role, m notify.Message) (health.Result, bool) {
	switch {
	case m.Trigger:
		return health.Result{Kind: health.Failure, Output: "the service said WATCHDOG=trigger"}, true
	case role == checks.Readiness && (m.Reloading || m.Stopping) && !m.Ready:
		return health.Result{Kind: health.Failure, Output: "the service said that it is reloading or stopping"}, true
	case m.Ready:
		return health.Result{Output: m.Status}, true
	case m.Watchdog && role == checks.Liveness:
		return health.Result{Output: m.Status}, true
	}
	return health.Result{}, false
}

// alarmLull is the time between two failures that one alarm tells of: under
// pressure the kernel reports each window anew.
const alarmLull = time.Second

// listenFreezer hears when the container is paused, by whomever: it cannot answer
// then, and is not to blame.
func (s *supervisor) listenFreezer(ctx context.Context, c *Container) {
	if c.Plan.group == nil {
		return
	}
	a, err := c.Plan.group.FreezeAlarm()
	if err != nil {
		s.Say(s.config.ID + ": nobody will see when it is paused: " + Explain(err))
		return
	}
	defer a.Close()
	for {
		text, err := a.Wait(ctx)
		if err != nil {
			return // the run has ended
		}
		e, told := health.Event{Kind: health.Resumed}, tell.Resumed
		if text == cgroups.Frozen {
			e.Kind, told = health.Paused, tell.Paused
		}
		s.events <- e
		s.teller.Tell(tell.Event{Kind: told, Pid: s.pid()})
	}
}

// listenAlarm hears what the kernel says of the container's cgroup.
func (s *supervisor) listenAlarm(ctx context.Context, c *Container, check int, k checks.Check) {
	a, err := c.alarm(k)
	if err != nil {
		s.events <- health.Event{Kind: health.ProbeDone, Check: check, Result: health.Result{Kind: health.Error, Output: Explain(err)}}
		return
	}
	defer a.Close()
	for {
		text, err := a.Wait(ctx)
		if err != nil {
			return // the run has ended, and the cgroup with it
		}
		if k.Events != nil && strings.HasPrefix(k.Events.Key, "oom") {
			s.teller.Tell(tell.Event{Kind: tell.OOM, Pid: s.pid(), Reason: text})
		}
		s.events <- health.Event{Kind: health.ProbeDone, Check: check, Result: health.Result{Kind: health.Failure, Output: text}}
		select {
		case <-ctx.Done():
			return
		case <-time.After(alarmLull):
		}
	}
}
