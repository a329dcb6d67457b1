package runtime

import (
	"os"
	"slices"
)

// insider does the stages Mount, Pivot and Last: it is process 1 of a container, or
// a further process, until that is the program. There are two. A hand ([byHand]) does
// system calls that this process composes; a Go program ([goInit]), mini itself, is
// there for steps that need one.
type insider interface {
	// program says what is executed, in namespaces.Child.
	program() error
	// build hands over what the stage Open has opened and begins with Mount, without
	// waiting for its end; upTo, which is Mount, Pivot or Last, says up to which stage
	// nothing comes between.
	build(upTo Stage) error
	// ahead prepares for Last while Mount and Pivot are being done.
	ahead()
	// built waits for the end of Mount.
	built() error
	// change does Pivot to its end.
	change() error
	// wait lets it wait at the gate.
	wait() error
	// last goes through the gate and does Last. On return the program runs.
	last() error
	// close lets go of what it needed.
	close()
}

// simple says whether a hand can do what is to be done inside.
func (p *Plan) simple() bool {
	return !p.needsGo && p.reaper == nil && p.agent == nil
}

// ungated takes the gate out: who has made the container starts it, at once, and a
// hand does nothing before it is told.
func (p *Plan) ungated() {
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.Op == Op(p.gate) })
	p.gate = nil
}

// link makes the channel to who is inside, and returns the other end.
func (c *Container) link() (theirs *os.File, err error) {
	ours, other, err := pair()
	if err != nil {
		return nil, err
	}
	c.channel = ours
	if c.Plan.simple() {
		c.inside = &byHand{c: c}
	} else {
		c.inside = &goInit{c: c}
	}
	if err := c.inside.program(); err != nil {
		other.f.Close()
		return nil, err
	}
	return other.f, nil
}
