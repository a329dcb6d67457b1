package runtime

import (
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/runtime/bundle"
	"mini/runtime/state"
)

// State is what runtime-spec's "state" operation tells, and what runc adds, in
// its order.
type State struct {
	Version     string               `json:"ociVersion"`
	ID          string               `json:"id"`
	Pid         int                  `json:"pid"` // 0 once it has stopped
	Status      specs.ContainerState `json:"status"`
	Bundle      string               `json:"bundle"`
	Rootfs      string               `json:"rootfs"`
	Created     time.Time            `json:"created"`
	Annotations map[string]string    `json:"annotations,omitempty"`
	Owner       string               `json:"owner"`          // the user who created it
	Exit        *state.Exit          `json:"exit,omitempty"` // of a detached one that has ended for good
}

// Inspect tells the state of one container.
func Inspect(root, id string) (State, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return State{}, err
	}
	r, err := d.Load()
	if err != nil {
		return State{}, err
	}
	s := State{
		Version: r.Version, ID: r.ID, Bundle: r.Bundle, Rootfs: r.Rootfs,
		Created: r.Created, Annotations: r.Annotations, Owner: owner(d), Exit: r.Exit,
	}
	if s.Status = status(d, r); s.Status != specs.StateStopped {
		s.Pid = r.Pid
	}
	return s, nil
}

// List tells the state of all containers below root, sorted by id.
func List(root string) ([]State, error) {
	ids, err := state.List(root)
	if err != nil {
		return nil, err
	}
	list := []State{}
	for _, id := range ids {
		s, err := Inspect(root, id)
		if errors.Is(err, state.ErrNotFound) {
			continue // ended just now
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// status asks the kernel what has become of the container. Nothing of it is
// stored: the process may have ended without anyone to write it down.
func status(d *state.Dir, r state.Record) specs.ContainerState {
	return statusOf(d, r, identity{r.Pid, r.Start}.alive(), frozen(r.Cgroup))
}

// statusOf is status for who has looked at the process, and at the cgroup.
func statusOf(d *state.Dir, r state.Record, alive, frozen bool) specs.ContainerState {
	switch {
	case r.Exit != nil:
		return specs.StateStopped
	case !r.Ready && r.Pid != 0 && !alive:
		return specs.StateStopped
	case !r.Ready:
		return specs.StateCreating
	case !alive && awaited(d):
		return stateRestarting
	case !alive:
		return specs.StateStopped
	case frozen:
		return statePaused
	case waiting(d):
		return specs.StateCreated
	}
	return specs.StateRunning
}

// statePaused is runc's word; runtime-spec leaves room for further states.
const statePaused specs.ContainerState = "paused"

// stateRestarting is docker's word: between two runs of a detached container.
const stateRestarting specs.ContainerState = "restarting"

// awaited says whether a supervisor is there that may start it again.
func awaited(d *state.Dir) bool {
	if _, err := os.Lstat(d.Control()); err != nil {
		return false
	}
	owner, err := parseIdentity(d.Owner())
	return err == nil && owner.alive()
}

// waiting says whether the gate is still closed: start removes it.
func waiting(d *state.Dir) bool {
	_, err := os.Lstat(d.Gate())
	return err == nil
}

// frozen reads cgroup.events; a container without a cgroup cannot be paused.
func frozen(cgroup string) bool {
	if cgroup == "" {
		return false
	}
	g, err := cgroups.Open(cgroup)
	if err != nil {
		return false
	}
	defer g.Close()
	return frozenGroup(g)
}

func frozenGroup(g *cgroups.Group) bool {
	frozen, err := g.Frozen()
	return err == nil && frozen
}

// owner names the user whose directory it is, or gives the number.
func owner(d *state.Dir) string {
	uid := d.Owned()
	if name, err := bundle.UserName(uid, os.DirFS("/")); err == nil {
		return name
	}
	return uid
}

// stateJSON is what a hook reads on its stdin.
func (p *Plan) stateJSON(status specs.ContainerState) ([]byte, error) {
	pid := p.child.Pid
	if pid == 0 && status != specs.StateStopped {
		pid = os.Getpid() // we are init: as the container sees itself
	}
	return json.Marshal(specs.State{
		Version:     p.config.Spec.Version,
		ID:          p.config.ID,
		Status:      status,
		Pid:         pid,
		Bundle:      p.config.Bundle,
		Annotations: p.config.Spec.Annotations,
	})
}
