package runtime

import (
	"context"
	"sync"

	"mini/runtime/control"
)

// board is where what is known of a detached container is written up for those
// who ask.
type board struct {
	mu      sync.Mutex
	now     control.Reply
	changed chan struct{} // closed at the next change, nil if nobody waits for it
}

func (b *board) set(change func(*control.Reply)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.now)
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

func (b *board) read() (control.Reply, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.now, b.changed
}

// until waits for what goal is content with. The error is ctx's.
func (b *board) until(ctx context.Context, goal func(control.Reply) bool) (control.Reply, error) {
	for {
		now, changed := b.read()
		if goal(now) {
			return now, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return now, ctx.Err()
		}
	}
}
