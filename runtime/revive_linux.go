package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/state"
)

// A detached container that has ended stays to be looked at, with what its
// supervisor was told. With that another supervisor can start it again.

// errNotRevived is about a container of which nobody knows how it was run.
var errNotRevived = errors.New("there is no supervisor to restart it, and only run -d leaves behind what a restart takes: delete it, and run it again")

// revive starts a container that has ended.
func revive(d *state.Dir) error {
	text, err := d.Ended()
	if errors.Is(err, fs.ErrNotExist) {
		return errNotRevived
	}
	if err != nil {
		return err
	}
	e, err := recallErrand(d, text)
	if err != nil {
		return err
	}
	e.Revives, e.Begun = true, time.Now()
	return succeed(d, e, func(d *state.Dir) bool { return hasEnded(d) == nil })
}

// hasEnded is an error if a container has not ended for good.
func hasEnded(d *state.Dir) error {
	r, err := d.Load()
	if err == nil && r.Exit == nil {
		err = fmt.Errorf("runs again: %w", unix.EALREADY) // the errno is what crosses
	}
	return err
}

// leaveErrand writes down what revive has to know.
func (d *detached) leaveErrand() error {
	if text, err := d.dir.Errand(); err == nil {
		return d.dir.KeepEnded(text)
	}
	s := d.supervisor
	e := errand{Config: s.config, Facts: s.facts, Heartbeat: s.Heartbeat, Detachment: d.Detachment}
	e.Heartbeat.Grace = d.grace
	var err error
	if s.Checks != nil {
		if e.Checks, err = json.Marshal(s.Checks); err != nil {
			return err
		}
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return d.dir.KeepEnded(text)
}

// inheritEnded is own for a container that has ended: its directory is there.
func (s *supervisor) inheritEnded() error {
	if err := s.inherit(); err != nil {
		return err
	}
	if err := hasEnded(s.dir); err != nil {
		return err
	}
	return s.dir.UnaskStop()
}

// awaken is settle for such a one. From here on it is like one that is being
// started.
func (d *detached) awaken() (err error) {
	if err := d.resettle(); err != nil {
		return err
	}
	if d.past, err = d.dir.Load(); err != nil {
		return err
	}
	begins := d.past
	begins.Exit, begins.Ready = nil, false
	return d.dir.Save(begins)
}

// entomb is for a start that failed: the container has ended, as before.
func (d *detached) entomb() error {
	d.server.close()
	return errors.Join(d.log.Close(), d.dir.Save(d.past))
}
