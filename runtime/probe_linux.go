package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mini/health"
)

// probe asks the container, and says why if it could not: a probe that never
// runs must not look like a service that is starting for ever.
func (s *supervisor) probe(ctx context.Context, _ int) health.Result {
	r := s.probeOnce(ctx)
	if r.Kind != health.Error || ctx.Err() != nil {
		s.probeError = ""
	} else if r.Output != s.probeError {
		s.probeError = r.Output
		s.Say(s.config.ID + ": the probe could not run: " + r.Output)
	}
	return r
}

// probeOnce runs the health command inside the container, as its user and under
// its limits. Status 0 is success, another a failure; a command that could not
// be started is neither.
func (s *supervisor) probeOnce(ctx context.Context) health.Result {
	c := s.running()
	if c == nil {
		return health.Result{Kind: health.Error, Output: "the container has ended"}
	}
	proc := *c.Plan.config.Spec.Process
	proc.Args, proc.Terminal = s.Check.Command, false
	out, err := newCapture()
	if err != nil {
		return health.Result{Kind: health.Error, Output: err.Error()}
	}
	defer out.close()
	p, err := c.Exec(Join{Process: &proc, Stdio: [3]*os.File{out.null, out.write, out.write}, Whole: true})
	if err != nil {
		return health.Result{Kind: health.Error, Output: Explain(err)}
	}
	status, err := p.until(ctx)
	return verdict(status, err, out.text())
}

// verdict makes a result of how a probe ended.
func verdict(status unix.WaitStatus, err error, output string) health.Result {
	r := health.Result{Kind: health.Failure, Output: output}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		r.Output = "killed: it took too long; " + output
	case err != nil:
		r.Kind, r.Output = health.Error, err.Error()
	case status == 0:
		r.Kind = health.Success
	case output == "" && status.Signaled():
		r.Output = "killed by " + unix.SignalName(status.Signal())
	case output == "":
		r.Output = fmt.Sprintf("exit status %d", status.ExitStatus())
	}
	return r
}

// until waits for the process, or kills it when ctx is done.
func (p *Process) until(ctx context.Context) (unix.WaitStatus, error) {
	stop := context.AfterFunc(ctx, func() { _ = p.Kill() })
	defer stop()
	status, err := p.Wait()
	return status, errors.Join(err, ctx.Err())
}
