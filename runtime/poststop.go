package runtime

import (
	"fmt"

	"mini/namespaces"
	"mini/runtime/bundle"
	"mini/runtime/state"
)

// poststopLine is in the journal of a container whose poststop hooks are to be
// run: those of the start have been begun, so there may be something that they
// have to take back.
const poststopLine = "poststop"

// notePoststop comes before the first hook.
func (p *Plan) notePoststop() error {
	if h := p.config.Spec.Hooks; h == nil || len(h.Poststop) == 0 {
		return nil
	}
	return p.dir.Journal(poststopLine)
}

// poststop runs the hooks of a container of which only the directory is left.
// What fails is said, and the next hook is run all the same.
func poststop(d *state.Dir, say func(string)) {
	p, err := recall(d)
	if err == nil {
		err = p.hooks()
	}
	if err != nil {
		say(fmt.Sprintf("%s: poststop hooks: %s", d.ID, Explain(err)))
		return
	}
	for _, s := range p.Steps {
		if s.Stage != Poststop {
			continue
		}
		if err := s.Do(); err != nil {
			say(d.ID + ": " + Explain(stepError(s, err)))
		}
	}
}

// recall is thin for who has not read the record.
func recall(d *state.Dir) (*Plan, error) {
	r, err := d.Load()
	if err != nil {
		return nil, err
	}
	return thin(d, r)
}

// thin is a plan without steps for a container that another process created:
// what is remembered of it, for the commands that come later.
func thin(d *state.Dir, r state.Record) (*Plan, error) {
	raw, err := d.Config()
	if err != nil {
		return nil, err
	}
	spec, err := bundle.Decode(raw)
	if err != nil {
		return nil, err
	}
	config := Config{ID: d.ID, Root: d.Root(), Bundle: r.Bundle, Spec: spec, JSON: raw}
	return &Plan{config: config, dir: d, child: &namespaces.Child{}}, nil
}
