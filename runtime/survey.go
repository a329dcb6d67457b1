package runtime

import (
	"errors"
	"time"

	"mini/runtime/control"
	"mini/runtime/state"
)

// Sight is what one look at a container shows.
type Sight struct {
	ID       string    `json:"id"`
	State    string    `json:"state"`   // as Vitals has it, or for one without a supervisor of its own as `mini state`
	Watched  bool      `json:"watched"` // by a supervisor that can be asked
	Ready    bool      `json:"ready"`
	Paused   bool      `json:"paused,omitempty"`
	Restarts int       `json:"restarts"`
	Pid      int       `json:"pid,omitempty"`
	At       time.Time `json:"at"`
	Usage    *Usages   `json:"usage,omitempty"` // nil: it does not run, or has no cgroup
}

// Survey looks at all containers below root, in the order of their ids. One that
// cannot be asked is shown as its record has it.
func Survey(root string) ([]Sight, error) {
	ids, err := state.List(root)
	if err != nil {
		return nil, err
	}
	list := []Sight{}
	for _, id := range ids {
		s, err := look(root, id)
		if errors.Is(err, state.ErrNotFound) {
			continue // ended just now
		}
		if err != nil {
			s.State = "unknown"
		}
		list = append(list, s)
	}
	return list, nil
}

func look(root, id string) (Sight, error) {
	s := Sight{ID: id, At: time.Now()}
	d, err := state.Open(root, id)
	if err != nil {
		return s, err
	}
	now, err := glance(d)
	switch {
	case err == nil:
		s.State, s.Watched, s.Ready, s.Paused = now.State, true, now.Ready, now.Paused
		s.Restarts, s.Pid = now.Restarts, now.Pid
	case errors.Is(err, errNoSupervisor):
		r, err := d.Load()
		if err != nil {
			return s, err
		}
		s.State = string(status(d, r))
		if (identity{r.Pid, r.Start}).alive() {
			s.Pid = r.Pid
		}
	default:
		return s, err
	}
	if s.Pid != 0 {
		s.Usage = usagesOf(d)
	}
	return s, nil
}

// glance asks a supervisor for the little that is known at once.
func glance(d *state.Dir) (control.Reply, error) {
	conn, err := dial(d, control.Request{Do: control.Health})
	if err != nil {
		return control.Reply{}, err
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	return reply(conn)
}
