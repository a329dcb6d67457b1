package runtime

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
	"mini/runtime/process"
)

// byHand is a hand inside: the Go code of the steps runs here, their system calls are
// done there.
type byHand struct {
	c    *Container
	hand calls.Hand
	list *calls.List
	on   bool // Pivot was begun with Mount: nothing comes between
}

func (h *byHand) program() (err error) {
	child := h.c.Plan.child
	there := 3 + h.c.Plan.config.Fds
	if child.Exe, err = calls.Program(); err != nil {
		return fmt.Errorf("make the program of init: %w", err)
	}
	child.Args, child.Straight = calls.Args(there), true
	h.hand = calls.Hand{Socket: h.c.channel.f, There: there}
	h.list = h.hand.List()
	h.shut(there)
	return nil
}

// patient: unless somebody watches, and each step is to be done at once.
func (h *byHand) patient() bool { return h.c.watch.Before == nil && h.c.watch.After == nil }

func (h *byHand) close() {
	h.c.Plan.child.Exe.Close()
	h.c.Plan.root.close()
}

// shut is the first that is done inside: what the program is not to have is closed
// when it begins (CVE-2024-21626), and nobody may trace what is not the program yet
// (CVE-2016-9962).
func (h *byHand) shut(there int) {
	l := h.list
	l.Call("close_range", unix.SYS_CLOSE_RANGE, calls.N(there), calls.N(^uint32(0)), calls.N(unix.CLOSE_RANGE_CLOEXEC))
	l.Prctl("PR_SET_DUMPABLE", unix.PR_SET_DUMPABLE, calls.N(0))
}

func (h *byHand) build(on bool) error {
	p := h.c.Plan
	if err := h.lend(); err != nil {
		return err
	}
	h.on = on && h.c.watch.After == nil
	if err := h.do(Mount); err != nil {
		return h.explain(err)
	}
	if h.on {
		if err := h.do(Pivot); err != nil {
			return h.explain(err)
		}
	}
	h.list.Begin()
	if p.sources != nil {
		p.sources.Close()
	}
	return nil
}

func (h *byHand) built() error {
	return h.explain(h.list.Flush())
}

func (h *byHand) change() error {
	if !h.on {
		if err := h.do(Pivot); err != nil {
			return h.explain(err)
		}
	}
	err := h.list.Flush()
	if master := h.c.Plan.master(); master != nil {
		h.c.takeTerminal(master)
	}
	return h.explain(err)
}

// wait leaves the last list with the hand, if it has to wait for another process.
func (h *byHand) wait() error {
	if h.c.Plan.gate == nil {
		return nil
	}
	l, gate := h.list, calls.N(h.hand.There+1)
	conn := l.Call("accept4", unix.SYS_ACCEPT4, gate, calls.N(0), calls.N(0), calls.N(unix.SOCK_CLOEXEC))
	l.Answer(conn.Arg())
	h.add(Last)
	return h.explain(h.hand.Leave(l, statusMini, h.note()))
}

// last does what is left while we look on. The end of the channel is execve's.
func (h *byHand) last() error {
	if h.c.Plan.gate != nil {
		return h.c.knock()
	}
	err := h.do(Last)
	h.list.Begin()
	if (err == nil || errors.Is(err, calls.ErrGone)) && !h.c.Plan.joined {
		// Beside the steps; or after them, if somebody has watched.
		if err := h.c.dir.Save(h.c.Record); err != nil {
			return err
		}
	}
	if err == nil {
		err = h.list.Flush()
	}
	if errors.Is(err, calls.ErrGone) {
		return nil
	}
	return h.explain(err)
}

// do adds the steps of a stage to the list. If somebody watches they are done one by
// one, else when the list is flushed.
func (h *byHand) do(stage Stage) error {
	w := h.c.watch
	if w.Before == nil && w.After == nil {
		h.add(stage)
		return nil
	}
	for i, s := range h.c.Plan.Steps {
		if s.Stage != stage {
			continue
		}
		h.list.Step(i)
		if err := w.step(i, s, h.flushed); err != nil {
			return err
		}
	}
	return nil
}

// flushed does one step at once.
func (h *byHand) flushed(op Op) error {
	h.c.told = time.Now()
	op.(called).Calls(h.list)
	return h.list.Flush()
}

// add adds the steps of a stage to the list.
func (h *byHand) add(stage Stage) {
	for i, s := range h.c.Plan.Steps {
		if s.Stage == stage {
			h.list.Step(i)
			s.Op.(called).Calls(h.list)
		}
	}
}

// explain says which step an error of the list is of.
func (h *byHand) explain(err error) error {
	var f *calls.Failure
	switch {
	case errors.Is(err, calls.ErrGone):
		return h.c.died()
	case errors.As(err, &f):
		return h.blame(h.c.Plan.Steps[f.Step], err)
	}
	return err
}

// blame looks at what the hand, which is still there, sees.
func (h *byHand) blame(s Step, err error) error {
	if s.Stage == Last {
		root, _ := process.HoldRoot(h.c.Plan.child.Pid) // without, there is less detail
		defer root.Close()
		err = h.c.Plan.words.Explain(err, root)
	}
	return stepError(s, err)
}

// lend has the list take over what the stage Open has opened.
func (h *byHand) lend() error {
	sources := h.c.Plan.sources
	if sources == nil {
		return nil
	}
	return sources.FillArgs(h.list.Lend(sources.Files()...))
}
