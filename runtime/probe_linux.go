package runtime

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/namespaces"
	"mini/runtime/checks"
)

// probe asks once: the check with that index is made on the container that
// runs now.
func (s *supervisor) probe(ctx context.Context, check int) health.Result {
	s.mu.Lock()
	c, peer := s.now, s.with.peer
	s.asking = asking{check, time.Now()}
	s.mu.Unlock()
	defer s.answered()
	if c == nil {
		return health.Result{Kind: health.Moot}
	}
	r := c.ask(ctx, s.Checks.Checks[check], peer)
	if r.Kind != health.Success && c.over() {
		r = health.Result{Kind: health.Moot} // the end of the program says more, and will be told
	}
	return r
}

func (c *Container) ask(ctx context.Context, k checks.Check, peer *namespaces.Peer) health.Result {
	switch {
	case k.Exec != nil:
		return c.probeInside(ctx, *k.Exec)
	case peer == nil:
		return health.Result{Kind: health.Error, Output: "the container's network cannot be reached"}
	}
	return probeOutside(ctx, k, peer)
}

// over says whether the first process has ended, waited for or not (pidfd_open(2)).
func (c *Container) over() bool {
	fds := []unix.PollFd{{Fd: int32(descriptor(c.Pidfd)), Events: unix.POLLIN}}
	if fds[0].Fd < 0 {
		return true // it is put away
	}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0
}

// asking is the probe that runs, if there is a time.
type asking struct {
	check int
	at    time.Time
}

// answered is for when it has ended.
func (s *supervisor) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking = asking{}
}

// questioned says whether a check needs the network of the container, or paths
// in it.
func questioned(k checks.Check) bool { return k.Exec == nil && !k.Push() }

// meet looks where the services of the container are, if anybody asks that.
func (s *supervisor) meet(c *Container) (*namespaces.Peer, error) {
	if s.Checks == nil {
		return nil, nil
	}
	for _, k := range s.Checks.Checks {
		if questioned(k) {
			return namespaces.OpenPeer(c.Record.Pid, c.Pidfd)
		}
	}
	return nil, nil
}
