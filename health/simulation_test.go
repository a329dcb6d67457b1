package health

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// TestSimulation lives through random lives of some virtual hours each.
func TestSimulation(t *testing.T) {
	lives := uint64(400)
	if testing.Short() {
		lives = 20
	}
	var probes, starts, atLimit, atMax, settled int
	for seed := range lives {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := newWorld(t, ctx, seed)
			m := w.live(ctx)
			w.judge.last(m, w.running)
			probes, starts = probes+w.judge.probes, starts+w.judge.all
			switch m.Reason {
			case ReasonStartLimit:
				atLimit++
			case ReasonMaxRestarts:
				atMax++
			}
			if w.judge.settled {
				settled++
			}
		})
		if t.Failed() {
			return // the first is enough
		}
	}
	t.Logf("%d probes, %d starts; %d lives ended at the start limit, %d at the policy's; in %d the service settled",
		probes, starts, atLimit, atMax, settled)
	if min(atLimit, atMax, settled) == 0 || probes < 100*int(lives) || starts < 5*int(lives) {
		t.Error("too little happened")
	}
}

// live is a life from the first start to the end.
func (w *world) live(ctx context.Context) Monitor {
	first := Event{Kind: Started}
	if w.start(ctx) != nil {
		first.Kind = StartFailed
	}
	w.events <- first
	go w.meddle(6 * time.Hour)
	return watch(ctx, w.config, Service{
		Start: w.start, Stop: w.stop, Kill: w.kill, Probe: w.probe, Report: w.report, Boottime: w.boottime,
	}, w.events, rand.New(rand.NewPCG(1, 1)).Float64)
}

// last judges the whole life.
func (j *judge) last(m Monitor, running bool) {
	if !m.Done() || running || j.probing >= 0 || j.end != nil {
		j.errorf("over in %s; running %v, probing %d, end %v", m.State, running, j.probing, j.end)
	}
	if m.Starts != j.all || m.Ends != j.ends || m.Restarts != j.restarts {
		j.errorf("counted %d starts, %d ends, %d restarts; want %d, %d, %d", m.Starts, m.Ends, m.Restarts, j.all, j.ends, j.restarts)
	}
	if max := j.config.Restart.Max; j.config.Restart.Mode == OnFailure && max > 0 && m.Restarts > max {
		j.errorf("%d restarts, want at most %d", m.Restarts, max)
	}
}
