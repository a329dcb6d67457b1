package runtime

import (
	"context"
	"time"

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
		return health.Result{Kind: health.Error, Output: "the container has ended"}
	}
	k := s.Checks.Checks[check]
	if k.Exec != nil {
		return c.probeInside(ctx, *k.Exec)
	}
	if peer == nil {
		return health.Result{Kind: health.Error, Output: "the container's network cannot be reached"}
	}
	return probeOutside(ctx, k, peer)
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
