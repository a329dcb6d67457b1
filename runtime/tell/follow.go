package tell

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Query says whose events are wanted, and which.
type Query struct {
	Root string // the directory with a directory for each container; it may come and go
	ID   string // one container, which must be there; "": all there are and will be
	// Since gives, first of all, the kept events from then on, in the order of
	// their time. Zero: none, only what happens from now on.
	Since time.Time
	// Follow goes on with what happens, until the context is done, or, with an
	// ID, that container has ended. What was written before then is still given.
	Follow bool
}

// Follow gives events to emit, each as its line of JSON without the newline and
// as far as it can be read. An error of emit ends it.
func Follow(ctx context.Context, q Query, emit func(line []byte, e Event) error) error {
	f := &follower{Query: q, tails: map[string]*tail{}}
	defer f.close()
	if q.Follow {
		var err error
		if f.watch, err = watch(ctx, q.Root); err != nil {
			return err
		}
	}
	for {
		last := !q.Follow || ctx.Err() != nil
		over, err := f.round(emit)
		if err != nil || last || over {
			return err
		}
		if err := f.watch.wait(); err != nil {
			return err
		}
	}
}

// follower reads all journals at each change of any: what inotify(7) says is
// only taken as a call to look, so that nothing hangs on its queue.
type follower struct {
	Query
	watch *watcher         // nil: nothing is followed
	tails map[string]*tail // by id
	later bool             // after the first round
	found []found
}

// found is an event that was read.
type found struct {
	line  []byte
	event Event
}

// round reads what there is to read now, and says whether the one container
// that is wanted has ended.
func (f *follower) round(emit func([]byte, Event) error) (over bool, err error) {
	f.found = f.found[:0]
	if err := f.look(); err != nil {
		return false, err
	}
	slices.SortStableFunc(f.found, func(a, b found) int { return a.event.Time.Compare(b.event.Time) })
	for _, e := range f.found {
		if e.event.Final() || e.event.Kind == State {
			over = f.ID != "" && e.event.Final()
		}
		if !f.later && (f.Since.IsZero() || e.event.Time.Before(f.Since)) {
			continue
		}
		if err := emit(e.line, e.event); err != nil {
			return false, err
		}
	}
	clear(f.found)
	f.later = true
	return over, nil
}

// look reads the journals of all containers there are, and says goodbye to those
// that are there no more.
func (f *follower) look() error {
	if f.watch != nil {
		if err := f.watch.approach(); err != nil {
			return err
		}
	}
	ids := []string{f.ID}
	if f.ID == "" {
		var err error
		if ids, err = f.list(); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := f.one(id); err != nil {
			return err
		}
	}
	for id, t := range f.tails {
		if !slices.Contains(ids, id) {
			f.bury(id, t)
		}
	}
	return nil
}

// one reads a container's journal, which may be another one than before.
func (f *follower) one(id string) error {
	t := f.tails[id]
	if t != nil && !t.there() {
		f.bury(id, t)
		t = nil
	}
	if t == nil {
		var err error
		if t, err = f.meet(id); t == nil || err != nil {
			return err
		}
		f.tails[id] = t
	}
	return t.drain(f.take(id, t))
}

// take keeps a line that is an event. Others are what a full disk has left.
func (f *follower) take(id string, t *tail) func([]byte) {
	return func(line []byte) {
		var e Event
		if json.Unmarshal(line, &e) != nil || e.ID != id {
			return
		}
		if t.lost {
			t.lost = false
			f.invent(Event{ID: id, Kind: Lost, Time: e.Time})
		}
		f.found = append(f.found, found{slices.Clone(line), e})
	}
}

// bury reads the rest of a journal whose directory is gone.
func (f *follower) bury(id string, t *tail) {
	_ = t.drain(f.take(id, t)) // nobody writes it any more, and what can be read has been
	t.close()
	delete(f.tails, id)
	f.invent(Event{ID: id, Kind: Removed, Time: time.Now().UTC()})
}

// invent tells what no journal has.
func (f *follower) invent(e Event) {
	line := e.line()
	f.found = append(f.found, found{line[:len(line)-1], e})
}

func (f *follower) close() {
	for _, t := range f.tails {
		t.close()
	}
	if f.watch != nil {
		f.watch.close()
	}
}
