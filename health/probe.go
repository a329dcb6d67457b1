package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A probe is the one that runs, if one does.
type probe struct {
	running bool        // and its result is wanted
	taken   bool        // the result has come
	result  chan Result // gets one from each probe
	cancel  context.CancelFunc
}

// begin runs a probe in a goroutine of its own. A timeout of 0 is none.
func (p *probe) begin(ctx context.Context, check int, timeout time.Duration, f func(context.Context, int) Result) {
	var cancel context.CancelFunc
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	p.running, p.taken, p.cancel = true, false, cancel
	go func() { p.result <- run(ctx, check, f) }()
}

// run calls f and completes its result. A probe that had to be ended for the
// time it took has failed, whatever it says.
func run(ctx context.Context, check int, f func(context.Context, int) Result) Result {
	begin := time.Now()
	r := f(ctx, check)
	r.Check, r.Duration = check, time.Since(begin)
	if r.Kind != Moot && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.Kind = Failure
	}
	r.Output = cut(r.Output)
	return r
}

// end ends the probe, if one runs, waits for it and drops its result.
func (p *probe) end() {
	if !p.running {
		return
	}
	p.cancel()
	if !p.taken {
		<-p.result
	}
	p.running = false
}

// cut lets go of what is too long.
func cut(output string) string {
	if len(output) > MaxOutput {
		return strings.Clone(output[:MaxOutput])
	}
	return output
}

// silence is the result of a Push check of which nothing was heard for its
// Interval.
func (c Check) silence() Result {
	if c.Quiet {
		return Result{Kind: Success, Output: fmt.Sprintf("quiet for %s", c.Interval)}
	}
	return Result{Kind: Failure, Output: fmt.Sprintf("nothing heard for %s", c.Interval)}
}
