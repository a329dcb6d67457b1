package runtime

import (
	"errors"
	"io/fs"
	"slices"

	"mini/cgroups"
	"mini/runtime/state"
)

// GC clears away what dead mini processes left below root: containers whose
// supervisor is gone, and set-ups that were cut short. It gives their ids.
// Containers that were created to outlive their creator stay, and detached ones
// that have come to their end; those that wait for another supervisor get one.
// say is told of those, and of poststop hooks that fail.
func GC(root string, say func(string)) (cleared []string, err error) {
	return collectAll(root, "", say)
}

// collectAll is GC but for one container, the caller's own.
func collectAll(root, own string, say func(string)) (cleared []string, err error) {
	ids, err := state.List(root)
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == own })
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	unlock, err := state.LockRoot(root)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var failed []error
	for _, id := range ids {
		done, err := collect(root, id, say)
		if done {
			cleared = append(cleared, id)
		}
		failed = append(failed, err)
	}
	return cleared, errors.Join(errors.Join(failed...), adoptAll(root, ids, say))
}

// Sweep removes the empty cgroups of exec in all containers below root, which a
// killed or detached exec has left.
func Sweep(root string) error {
	ids, err := state.List(root)
	failed := []error{err}
	for _, id := range ids {
		failed = append(failed, sweep(root, id))
	}
	return errors.Join(failed...)
}

func sweep(root, id string) error {
	d, err := state.Open(root, id)
	if err != nil {
		return ignore(err, state.ErrNotFound)
	}
	r, err := d.Load()
	if err != nil || r.Cgroup == "" {
		return ignore(err, fs.ErrNotExist)
	}
	g, err := cgroups.Open(r.Cgroup)
	if err != nil {
		return ignore(err, fs.ErrNotExist)
	}
	defer g.Close()
	return g.Sweep()
}

// collect clears one container away if nobody answers for it.
func collect(root, id string, say func(string)) (done bool, err error) {
	d, err := state.Open(root, id)
	if err != nil {
		return false, ignore(err, state.ErrNotFound)
	}
	if orphaned(d) {
		return false, nil // it is to be adopted
	}
	if err := d.Lock(self()); errors.Is(err, state.ErrBusy) {
		// An init that is about to notice its parent's death still holds it.
		if owner, err := parseIdentity(d.Owner()); err != nil || owner.alive() {
			return false, nil
		}
	} else if err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	defer d.Unlock()
	r, err := d.Load()
	if err != nil {
		return false, err
	}
	if r.Exit != nil || r.Ready && !r.Supervised {
		return false, nil
	}
	if r.Ready {
		postmortem(d, r, say)
	}
	return true, undo(d, say)
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}
