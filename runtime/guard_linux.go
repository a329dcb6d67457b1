package runtime

import (
	"sync"
	"time"

	"mini/namespaces"
)

// guarded kills the container if this process is killed, whatever the program in
// it has done to its death signal. The zero value has not begun.
type guarded struct {
	mu    sync.Mutex
	guard *namespaces.Guard
	who   *Container // the last that was made, nil: none
	over  bool
}

// guardAfter is when a container in the foreground gets its guard: most have
// ended by then, and need none.
const guardAfter = time.Second

// protect starts the guard, which costs a fork. The death signal is all there is
// until then, and that does for as long as the program does not change its user.
func (s *supervisor) protect() {
	if s.config.Adoptable {
		return
	}
	g := &s.guarded
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return
	}
	var err error
	if g.guard, err = namespaces.StartGuard(); err != nil {
		s.Say(s.config.ID + ": is not guarded against the death of its supervisor: " + Explain(err))
		return
	}
	g.aim()
}

// aim has the guard kill the container, if there are both.
func (g *guarded) aim() {
	c := g.who
	if g.guard == nil || c == nil {
		return
	}
	if c.Plan.group == nil {
		_ = g.guard.Aim(nil, c.Pidfd) // it has gone: there is nothing to guard
		return
	}
	kill, err := c.Plan.group.Killer()
	if err == nil {
		defer kill.Close()
	}
	_ = g.guard.Aim(kill, c.Pidfd)
}

// follow is called with a container whose program does not run yet: when it does it
// may be too late.
func (g *guarded) follow(c *Container) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.who = c
	g.aim()
}

// renew is called when a child has ended, which may have been the guard.
func (g *guarded) renew() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.guard != nil {
		_ = g.guard.Renew() // again at the next end of a child
	}
}

// end is for when there is nothing to guard any more.
func (g *guarded) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	if g.guard != nil {
		_ = g.guard.End()
		g.guard = nil
	}
}
