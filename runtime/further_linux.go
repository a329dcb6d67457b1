package runtime

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/cgroups"
)

// Enter is an exec from the command line.
type Enter struct {
	Join
	// Make makes the process of the container's first one, if Join.Process is
	// nil.
	Make         func(first specs.Process) (*specs.Process, error)
	IgnorePaused bool // wait for a paused container to be resumed
}

// Run starts a process in a container that another mini created, and waits
// for it unless it is detached. It returns the process's own status, or 128 and
// the signal that ended it.
func (e Enter) Run(root, id string, w Watch) (int, error) {
	signals := make(signals, 64)
	var taken <-chan struct{}
	if !e.Detached {
		taken = signals.early()
	}
	c, status, err := load(root, id)
	if err != nil {
		return 0, err
	}
	defer c.close()
	c.watch = w
	if err := e.allowed(id, status); err != nil {
		return 0, err
	}
	if e.Process == nil {
		if e.Process, err = e.Make(*c.Plan.config.Spec.Process); err != nil {
			return 0, err
		}
	}
	if c.Plan.facts, err = probeFurther(); err != nil {
		return 0, err
	}
	if e.Detached {
		_, err = c.Exec(e.Join)
		return 0, err
	}
	<-taken
	return c.stay(e.Join, signals)
}

// allowed looks at the container's status. One that was created but not started
// has its namespaces, and can be entered.
func (e Enter) allowed(id string, status specs.ContainerState) error {
	switch {
	case status == specs.StateStopped:
		return fmt.Errorf("%q: cannot exec in a stopped container: %w", id, ErrNotRunning)
	case status == specs.StateCreating:
		return fmt.Errorf("%q: cannot exec in a container that is still being created", id)
	case status == statePaused && !e.IgnorePaused:
		return fmt.Errorf("%q: cannot exec in a paused container (use --ignore-paused to override)", id)
	}
	return nil
}

// stay starts the process and is its terminal and its signals until it ends.
func (c *Container) stay(j Join, signals signals) (int, error) {
	p, err := c.Exec(j)
	if err != nil {
		return 0, err
	}
	signals.soon(func() {})
	go p.obey(signals)
	relay, err := relayTo(p.Pty)
	if err != nil {
		return 0, errors.Join(err, p.Kill())
	}
	status, err := p.Wait()
	if relay != nil {
		err = errors.Join(err, relay.Finish())
	}
	if status.Signaled() {
		return 128 + int(status.Signal()), err
	}
	return status.ExitStatus(), err
}

// obey passes on every signal that is not ours: see supervisor.hear.
func (p *Process) obey(signals <-chan os.Signal) {
	for s := range signals {
		switch s {
		case unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE, unix.SIGWINCH:
		default:
			_ = unix.PidfdSendSignal(int(p.Pidfd.Fd()), s.(syscall.Signal), nil, 0) // gone meanwhile: Wait knows
		}
	}
}

// groupFor is the cgroup that a further process is born in, nil for ours.
func (c *Container) groupFor(j Join) (*cgroups.Group, error) {
	switch {
	case j.Cgroup == "":
		return c.Plan.group, nil
	case c.Plan.group == nil:
		return nil, fmt.Errorf("--cgroup %s: the container has no cgroup", j.Cgroup)
	}
	g, err := c.Plan.group.Below(j.Cgroup)
	if err != nil {
		return nil, fmt.Errorf("--cgroup %s: %w", j.Cgroup, err)
	}
	return g, nil
}

// groupOfFirst is the cgroup in which the container's first process is now
// (cgroups(7), /proc/PID/cgroup). It must be below the container's.
func (c *Container) groupOfFirst() (*cgroups.Group, error) {
	f, err := cgroups.Probe()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", c.Record.Pid))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		at, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::")
		if !ok {
			continue
		}
		full := path.Join(f.Mountpoint, at)
		if !strings.HasPrefix(full, c.Plan.group.Path()) {
			return nil, fmt.Errorf("the first process has left the container's cgroup: it is in %s", full)
		}
		return cgroups.Open(full)
	}
	return nil, errors.New("the first process is in no cgroup of v2")
}
