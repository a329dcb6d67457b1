package notify

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// However fast messages come, no more are read than the limit says; one now and
// then is never held up.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l limit
		begin := time.Now()
		const n = 10 * burst
		for range n {
			if err := l.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin); took < (n/burst-1)*pause || took > (n/burst)*pause {
			t.Errorf("%d messages in %v", n, took)
		}
		time.Sleep(pause)
		for range 3 * burst {
			time.Sleep(pause / burst * 2)
			at := time.Now()
			if err := l.wait(t.Context()); err != nil || time.Since(at) > 0 {
				t.Fatalf("held up for %v, %v", time.Since(at), err)
			}
		}
	})
}

func TestLimitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit{began: time.Now(), count: burst}
		ctx, cancel := context.WithTimeout(t.Context(), pause/2)
		defer cancel()
		at := time.Now()
		if err := l.wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(at) != pause/2 {
			t.Errorf("got %v after %v", err, time.Since(at))
		}
	})
}
