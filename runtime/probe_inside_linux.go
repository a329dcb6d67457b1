package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/bundle"
	"mini/runtime/checks"
	"mini/runtime/excerpt"
)

// probeInside runs a command inside the container, under its limits and as its user
// if the check names no other. Status 0 is success, another a failure; a command
// that could not be started is neither.
func (c *Container) probeInside(ctx context.Context, k checks.Exec) health.Result {
	proc, err := c.question(k)
	if err != nil {
		return health.Result{Kind: health.Error, Output: err.Error()}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return health.Result{Kind: health.Error, Output: err.Error()}
	}
	defer null.Close()
	out, err := excerpt.New(health.MaxOutput)
	if err != nil {
		return health.Result{Kind: health.Error, Output: err.Error()}
	}
	defer out.Close()
	p, err := c.Exec(Join{Process: proc, Stdio: [3]*os.File{null, out.Write, out.Write}, Whole: true})
	if err != nil {
		return health.Result{Kind: health.Error, Output: Explain(err)}
	}
	status, err := p.until(ctx)
	r := verdict(status, err, out.Text())
	r.CPU, r.Peak = p.Usage()
	return r
}

// question is the process of a check: the container's, with other arguments.
func (c *Container) question(k checks.Exec) (*specs.Process, error) {
	proc := *c.Plan.config.Spec.Process
	proc.Args, proc.Terminal = k.Args, false
	proc.Env = slices.Concat(proc.Env, k.Env)
	if k.Workdir != "" {
		proc.Cwd = k.Workdir
	}
	if k.User == "" {
		return &proc, nil
	}
	root, err := os.OpenRoot(fmt.Sprintf("/proc/%d/root", c.Record.Pid))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	u, err := bundle.User(k.User, root.FS())
	u.Umask, proc.User = proc.User.Umask, u
	return &proc, err
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
