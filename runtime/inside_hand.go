package runtime

import (
	"errors"
	"os"
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
	next *calls.List // for Last, made ahead; nil: it is not
	upTo Stage       // what was begun: Mount, or with it Pivot, or with both Last
}

func (h *byHand) program() (err error) {
	h.hand = calls.Hand{Socket: h.c.channel.f, There: 3 + h.c.Plan.config.Fds}
	h.c.Plan.child.Hand = h.hand
	h.list = h.hand.List()
	h.list.After(h.c.running)
	return nil
}

func (h *byHand) close() { h.c.Plan.root.close() }

func (h *byHand) build(upTo Stage) error {
	p := h.c.Plan
	if err := h.lend(); err != nil {
		return err
	}
	if h.upTo = upTo; h.watched() {
		h.upTo = Mount
	}
	for _, stage := range []Stage{Mount, Pivot, Last} {
		if stage > h.upTo {
			break
		}
		if err := h.do(stage); err != nil {
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
	if h.upTo == Last {
		return nil
	}
	if h.upTo == Mount {
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

// ahead: unless it depends on what is not known yet. Then there is an error now, and
// another try when its turn has come.
func (h *byHand) ahead() {
	if h.upTo != Pivot || h.watched() {
		return
	}
	l := h.hand.List()
	if h.compose(l); l.Straight() == nil {
		h.next = l
	}
}

// compose makes the last list, which waits at the gate first, if there is one.
func (h *byHand) compose(l *calls.List) {
	if h.c.Plan.gate != nil {
		gate := calls.N(h.hand.There + 1)
		conn := l.Call("accept4", unix.SYS_ACCEPT4, gate, calls.N(0), calls.N(0), calls.N(unix.SOCK_CLOEXEC))
		l.Answer(conn.Arg())
	}
	h.add(l, Last)
}

// wait leaves the last list with the hand, if it has to wait for another process.
func (h *byHand) wait() error {
	if h.c.Plan.gate == nil {
		return nil
	}
	if h.next != nil {
		h.list = h.next
	} else {
		h.compose(h.list)
	}
	return h.explain(h.hand.Leave(h.list, statusMini, h.note()))
}

// last does what is left while we look on. The end of the channel is execve's.
func (h *byHand) last() error {
	if h.c.Plan.gate != nil {
		return h.c.knock()
	}
	err := h.begin()
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

// begin begins with Last, if that has not been begun.
func (h *byHand) begin() error {
	if h.upTo == Last {
		return nil
	}
	var err error
	if h.next != nil {
		h.list = h.next
	} else {
		err = h.do(Last)
	}
	h.list.Begin()
	return err
}

// watched says that somebody wants to know of each step when it is done.
func (h *byHand) watched() bool { return h.c.watch.Before != nil || h.c.watch.After != nil }

// do adds the steps of a stage to the list. If somebody watches they are done one by
// one, else when the list is flushed.
func (h *byHand) do(stage Stage) error {
	if !h.watched() {
		h.add(h.list, stage)
		return nil
	}
	if err := h.list.Flush(); err != nil { // what was begun: see List.Begin
		return err
	}
	w := h.c.watch
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
	op.Calls(h.list)
	return h.list.Flush()
}

// add adds the steps of a stage to a list.
func (h *byHand) add(l *calls.List, stage Stage) {
	for i, s := range h.c.Plan.Steps {
		if s.Stage == stage {
			l.Step(i)
			s.Calls(l)
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
		root := h.root() // without, there is less detail
		defer root.Close()
		err = h.c.Plan.words.Explain(err, root)
	}
	return stepError(s, err)
}

// root is that of the hand. An ordinary user may not ask /proc for it.
func (h *byHand) root() (root *process.Root) {
	l := h.list.Beside()
	slash := l.Open("/", unix.O_PATH|unix.O_DIRECTORY)
	l.Give(slash.Arg(), func(fd int) { root = process.RootAt(os.NewFile(uintptr(fd), "root")) })
	_ = l.Flush()
	return root
}

// lend has the list take over what the stage Open has opened.
func (h *byHand) lend() error {
	sources := h.c.Plan.sources
	if sources == nil {
		return nil
	}
	return sources.FillArgs(h.list.Lend(sources.Files()...))
}
