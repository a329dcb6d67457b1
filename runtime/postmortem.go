package runtime

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/logs"
	"mini/runtime/state"
	"mini/runtime/tell"
)

// byKilled is who ended such a container.
const byKilled = "its supervisor was killed"

// postmortem tells of a container that died with its supervisor, before nothing is
// left of it: an account in the journal, for those who follow it, and a line for
// say. The end was not seen, so the time until now is the longest that it can have
// lived. One without a journal was never told of.
func postmortem(d *state.Dir, r state.Record, say func(string)) {
	last, told := lastState(d)
	if !told || last.Final() {
		return
	}
	if last.State != "backoff" { // else nothing ran: that end was told
		death := autopsyOf(d, r)
		e := tell.Event{Kind: tell.Died, Status: &death.Status, Reason: death.String(), Death: death}
		appendLast(d, e, last)
		say(death.String())
	}
	appendLast(d, tell.Event{Kind: tell.State, From: last.State, State: "failed", Reason: byKilled}, last)
}

// appendLast writes an event into the journal. That it cannot must not hinder the end.
func appendLast(d *state.Dir, e tell.Event, last tell.Event) {
	e.Time, e.ID, e.Restarts = time.Now().UTC(), d.ID, last.Restarts
	_ = tell.Append(d.Path, e)
}

// lastState is the last change of state that was told.
func lastState(d *state.Dir) (last tell.Event, told bool) {
	all := tell.Query{Root: d.Root(), ID: d.ID, Since: time.Unix(0, 1)}
	_ = tell.Follow(context.Background(), all, func(_ []byte, e tell.Event) error {
		if e.Kind == tell.State {
			last, told = e, true
		}
		return nil
	})
	return last, told
}

// autopsyOf is autopsy of a container that this process did not run.
func autopsyOf(d *state.Dir, r state.Record) Death {
	c := &Container{Plan: &Plan{}, Record: r, dir: d}
	_ = c.regroup() // without its cgroup there is less to tell
	death := c.autopsy(statusUnknown, unix.Rusage{}, byKilled, true)
	if c.Plan.group != nil {
		c.Plan.group.Close()
	}
	if lines, err := logs.Last(d.Path, lastLines, death.Started); err == nil {
		death.Log = inShort(lines)
	}
	return death
}
