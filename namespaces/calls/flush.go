package calls

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// Flush has all calls done that have not been. Results and memory can be read
// then.
func (l *List) Flush() error {
	for l.err == nil && l.done < len(l.calls) {
		if err := l.run(); err != nil {
			l.err = err
			break
		}
		l.settle()
	}
	return l.err
}

func (l *List) run() error {
	if err := l.begin(); err != nil {
		return err
	}
	l.begun = false
	if l.after != nil {
		if err := l.after(); err != nil {
			return err
		}
	}
	given, err := l.doer.receive(l)
	if err == nil {
		err = l.progress()
	}
	return l.take(given, err)
}

// progress believes the head that has come back.
func (l *List) progress() error {
	at := l.head().at
	if at < uint64(l.done) || at > uint64(len(l.calls)) {
		return fmt.Errorf("%d calls of %d done", at, len(l.calls))
	}
	l.done = int(at)
	return nil
}

func (l *List) begin() error {
	if l.begun {
		return nil
	}
	if err := l.prepare(); err != nil {
		return err
	}
	l.begun = true
	if l.trips != nil {
		*l.trips++
	}
	if err := l.doer.send(l); err != nil {
		return err
	}
	return l.sendLent()
}

// Final has a hand end, with an exit status, when a call fails that may not: what is
// sent behind this list is not done then. Such a list cannot ask ([List.Straight]).
func (l *List) Final(status int) { l.final = status }

// After has first called before anything is waited for: another list was begun before
// this one, and first waits for it. Its error is this list's.
func (l *List) After(first func() error) { l.after = first }

// Begin has the calls done without waiting for them: Flush does that. No call may
// be added before.
func (l *List) Begin() {
	if l.err == nil && l.done < len(l.calls) {
		l.err = l.begin()
	}
}

// settle deals with the call that a run has stopped at.
func (l *List) settle() {
	if l.done == len(l.calls) {
		return
	}
	at, label := l.done, l.labels[l.done]
	errno := unix.Errno(-l.result(at))
	i := slices.IndexFunc(l.elses, func(h handler) bool { return h.call == at && (h.errno == 0 || h.errno == errno) })
	if i < 0 {
		l.err = &Failure{int(label.step), label.name, errno}
		return
	}
	l.setResult(at, 0)
	l.done++
	if err := l.elses[i].do(errno); err != nil {
		l.done = at
		l.err = &Failure{int(label.step), label.name, err}
	}
}

var errUnsettled = errors.New("a list that nobody waits for cannot ask")

// Straight refuses a list that is to be done when nobody is there to be asked.
func (l *List) Straight() error {
	for _, h := range l.elses {
		if h.call >= l.done {
			return fmt.Errorf("%s: %w", l.labels[h.call].name, errUnsettled)
		}
	}
	if len(l.gives) > 0 {
		return fmt.Errorf("a descriptor for us: %w", errUnsettled)
	}
	return l.err
}
