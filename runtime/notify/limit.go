package notify

import (
	"context"
	"time"
)

// A limit keeps a service that never stops talking from costing its watcher a
// CPU: after a burst, reading pauses, and the sender waits.
type limit struct {
	began time.Time // of the burst
	count int
}

// At most burst messages in a pause's time.
const (
	burst = 100
	pause = 100 * time.Millisecond
)

// wait is called before each read.
func (l *limit) wait(ctx context.Context) error {
	now := time.Now()
	if now.Sub(l.began) >= pause {
		l.began, l.count = now, 0
	}
	l.count++
	if l.count <= burst {
		return nil
	}
	rest := time.NewTimer(pause - now.Sub(l.began))
	defer rest.Stop()
	select {
	case <-rest.C:
		l.began, l.count = time.Now(), 1
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
