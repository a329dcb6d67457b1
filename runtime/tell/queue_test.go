package tell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// receiver notes what is delivered to it.
type receiver struct {
	mu   sync.Mutex
	got  []string
	said []string
	fail error
	take time.Duration // how long each takes; more than a year: until told to end
}

func (r *receiver) deliver(ctx context.Context, i item) error {
	r.mu.Lock()
	take := r.take
	r.mu.Unlock()
	select {
	case <-time.After(take):
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail == nil {
		r.got = append(r.got, strings.TrimSpace(string(i.line)))
	}
	return r.fail
}

func (r *receiver) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, text)
}

func number(n int) item { return item{line: fmt.Appendf(nil, `{"n":%d}`+"\n", n), since: time.Now()} }

func closeWithin(q *queue, d time.Duration) time.Duration {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	begun := time.Now()
	q.close(ctx)
	return time.Since(begun)
}

// TestQueueOrder: all of it, one after another, and the end waits for it.
func TestQueueOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{take: 10 * time.Millisecond}
		q := newQueue("r", r.say, r.deliver)
		var want []string
		for i := range 100 {
			q.put(number(i))
			want = append(want, fmt.Sprintf(`{"n":%d}`, i))
		}
		if took := closeWithin(q, Patience); took != time.Second {
			t.Errorf("it took %s", took)
		}
		q.put(number(100)) // too late
		if !slices.Equal(r.got, want) || len(r.said) != 0 || q.dropped() != 0 {
			t.Errorf("got %q, said %q, %d dropped", r.got, r.said, q.dropped())
		}
	})
}

// TestQueueHangs: a receiver that hangs costs a bounded number of events and a
// bounded time at the end.
func TestQueueHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{take: 1 << 62}
		q := newQueue("r", r.say, r.deliver)
		for i := range 1000 {
			q.put(number(i))
		}
		synctest.Wait()
		if len(q.items) > maxItems || q.bytes > maxBytes {
			t.Errorf("%d items, %d bytes", len(q.items), q.bytes)
		}
		if took := closeWithin(q, Patience); took != Patience {
			t.Errorf("it took %s", took)
		}
		if q.dropped() != 1000 || !strings.Contains(strings.Join(r.said, "\n"), "1000 events did not get there") {
			t.Errorf("%d dropped, said %q", q.dropped(), r.said)
		}
	})
}

// TestQueueLeftBehind: what is still being delivered when nobody waits any more is
// counted, once.
func TestQueueLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		q := newQueue("r", r.say, func(context.Context, item) error {
			time.Sleep(time.Hour)
			return errors.New("killed at last")
		})
		q.put(number(0))
		q.put(number(1))
		synctest.Wait()
		if took := closeWithin(q, Patience); took != Patience+hurry {
			t.Errorf("it took %s", took)
		}
		time.Sleep(2 * time.Hour)
		if want := []string{"r: 2 events did not get there"}; !slices.Equal(r.said, want) || q.dropped() != 2 {
			t.Errorf("said %q, %d dropped, want %q", r.said, q.dropped(), want)
		}
	})
}

// TestQueueBytes: long events are fewer.
func TestQueueBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{take: 1 << 62}
		q := newQueue("r", r.say, r.deliver)
		for range 50 {
			q.put(item{line: make([]byte, MaxLine)})
		}
		if q.bytes > maxBytes || len(q.items) != maxBytes/MaxLine {
			t.Errorf("%d items, %d bytes", len(q.items), q.bytes)
		}
		closeWithin(q, 0)
	})
}

// TestQueueRecovers: the newest are kept, the first to arrive tells how many were
// not, and trouble and its end are said once each.
func TestQueueRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{fail: errors.New("away")}
		q := newQueue("r", r.say, r.deliver)
		for i := range 5 {
			q.put(number(i))
			synctest.Wait()
		}
		r.mu.Lock()
		r.fail = nil
		r.mu.Unlock()
		q.put(number(5))
		q.put(number(6))
		closeWithin(q, Patience)
		if want := []string{`{"n":5,"dropped":5}`, `{"n":6}`}; !slices.Equal(r.got, want) {
			t.Errorf("got %q, want %q", r.got, want)
		}
		if want := []string{"r: away", "r: works again; 5 events did not get there"}; !slices.Equal(r.said, want) {
			t.Errorf("said %q, want %q", r.said, want)
		}
	})
}

// TestPauseShortened: a wait between two attempts does not outlast the end.
func TestPauseShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		var q *queue
		q = newQueue("r", func(string) {}, func(ctx context.Context, i item) error {
			for attempts = 1; attempts < 3; attempts++ {
				if !q.pause(ctx, time.Hour) {
					return ctx.Err()
				}
			}
			return nil
		})
		q.put(number(0))
		synctest.Wait()
		if took := closeWithin(q, Patience); took != 2*hurry || attempts != 3 {
			t.Errorf("it took %s, %d attempts", took, attempts)
		}
	})
}

// TestBackoff: the waits of a webhook's attempts double up to a bound, and stop
// when the event is too old.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &webhook{network: "unix", address: "/nonexistent/socket", host: "h", path: "/",
			attempt: time.Second, first: time.Second, longest: 4 * time.Second, giveUp: 12 * time.Second}
		var waits []time.Duration
		pause := func(_ context.Context, d time.Duration) bool {
			waits = append(waits, d)
			time.Sleep(d)
			return true
		}
		err := w.deliver(t.Context(), item{since: time.Now()}, pause, func(error) {})
		if got := fmt.Sprint(waits); err == nil || got != "[1s 2s 4s 4s 4s]" {
			t.Errorf("waits %s, %v", got, err)
		}
	})
}
