package runtime

import (
	"context"

	"mini/runtime/state"
	"mini/runtime/tell"
)

// Follow gives what happens to one container or all, as tell.Follow, to those
// below root. Following one ends with its supervisor, too, which may be killed
// before it has told the end; of a container without one, with its process.
func Follow(ctx context.Context, q tell.Query, emit func([]byte, tell.Event) error) error {
	if q.ID == "" {
		return tell.Follow(ctx, q, emit)
	}
	d, err := state.Open(q.Root, q.ID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if q.Follow {
		go func() {
			watchTeller(ctx, d)
			cancel()
		}()
	}
	return tell.Follow(ctx, q, emit)
}

// watchTeller returns when nobody is left who could tell of a container: its
// supervisor is dead, and no other has taken its place.
func watchTeller(ctx context.Context, d *state.Dir) {
	for last := (identity{}); ctx.Err() == nil; {
		who, err := teller(d)
		if err != nil || who == last {
			return
		}
		if _, err := who.wait(0); err != nil {
			<-ctx.Done() // then the events alone tell the end
		}
		last = who
	}
}

// teller is the process after whose end nothing more is told of a container: its
// supervisor or, if it has none, its own.
func teller(d *state.Dir) (identity, error) {
	r, err := d.Load()
	if err != nil {
		return identity{}, err
	}
	if r.Ready && !r.Supervised {
		return identity{r.Pid, r.Start}, nil
	}
	return parseIdentity(d.Owner())
}
