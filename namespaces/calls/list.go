package calls

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// List is system calls in order, and the memory that they point to. The zero List
// cannot be used: see [New]. After an error all methods do nothing.
type List struct {
	doer  doer
	calls []call
	data  []byte
	links []link // addresses in data
	done  int    // how many calls have been done
	gives []gift // that have not been taken
	lent  []*os.File
	sent  []byte // the image that is being done; nil: none
	step  int
	trips *int // see Count; nil: nobody asks
	err   error
}

// doer does images.
type doer interface {
	base(image []byte) uint64 // its address where it is done
	socket() int              // the descriptor there that the answer goes to
	send(image []byte) error  // begins
	// receive waits for the end; the image then has the results. It returns the
	// descriptors that were given to this process.
	receive(image []byte) (given []int, err error)
	give(l *List, fd Arg) Ref             // see [List.Give]
	lend(l *List, files []*os.File) []Arg // see [List.Lend]
}

// call is one of a list.
type call struct {
	name   string
	trap   uint64
	args   [6]Arg
	errno  uint64 // one that is expected; anyErrno: all
	skip   uint64 // then how many calls are skipped
	result int64
	step   int
	orElse []handler
}

type handler struct {
	errno unix.Errno // 0: any
	do    func(unix.Errno) error
}

const anyErrno = 1 << 16

// Ref is a call of a list, and stands for its result.
type Ref struct {
	list *List
	i    int
}

// Arg is the call's result as an argument of a later one, of this list or, once the
// call is done, of another that the same process does.
func (r Ref) Arg() Arg { return Arg{value: uint64(r.i), kind: result, of: r.list} }

// Call adds a system call. name is what an error calls it.
func (l *List) Call(name string, trap uintptr, args ...Arg) Ref {
	c := call{name: name, trap: uint64(trap), step: l.step}
	copy(c.args[:], args)
	if n := len(l.calls); n >= 32 && n == cap(l.calls) { // one of hundreds: no doubling
		l.calls = slices.Grow(l.calls, 512)
	}
	l.calls = append(l.calls, c)
	return Ref{l, len(l.calls) - 1}
}

// Named changes what an error calls it; "" if the error says all.
func (r Ref) Named(name string) Ref {
	r.list.calls[r.i].name = name
	return r
}

// Skip passes over the next n calls if this one fails with errno, which is then no
// failure; 0: with any.
func (r Ref) Skip(errno unix.Errno, n int) Ref {
	c := &r.list.calls[r.i]
	c.errno, c.skip = uint64(errno), uint64(n)
	if errno == 0 {
		c.errno = anyErrno
	}
	return r
}

// SkipTo is Skip for as many calls as there are between this one and the next
// that will be added: to be called when those have been.
func (r Ref) SkipTo(errno unix.Errno) { r.Skip(errno, len(r.list.calls)-1-r.i) }

// Else says what to do here if the call fails with errno, 0: with any. If do
// returns nil the list goes on after the call; what do does in the process it does
// by a new list ([List.Beside]). The call's result is then 0, or what do has set.
func (r Ref) Else(errno unix.Errno, do func(unix.Errno) error) Ref {
	c := &r.list.calls[r.i]
	c.orElse = append(c.orElse, handler{errno, do})
	return r
}

// Pass passes over the calls that r's [Ref.Skip] would: for use in r's [Ref.Else], if
// there is more than one errno to skip for.
func (r Ref) Pass() { r.list.done += int(r.list.calls[r.i].skip) }

// Set puts n in the place of the call's result, for use in [Ref.Else].
func (r Ref) Set(n int) { r.list.calls[r.i].result = int64(n) }

// Value flushes the list and is the call's result, -1 after an error.
func (r Ref) Value() (int, error) {
	if err := r.list.Flush(); err != nil {
		return -1, err
	}
	return int(r.list.calls[r.i].result), nil
}

// Err flushes the list; it is the error of this call or of one before it.
func (r Ref) Err() error { return r.list.Flush() }

// New makes a list for calls that are done by this process.
func New() *List { return &List{doer: &local{}} }

// Beside is an empty list that is done by the same process, for what must be done
// while this one waits.
func (l *List) Beside() *List { return &List{doer: l.doer, trips: l.trips} }

// Count has n counted up each time that calls are sent to the process that does
// them, of this list or one beside it.
func (l *List) Count(n *int) { l.trips = n }

// Fail makes the list fail in this step, if it has not.
func (l *List) Fail(err error) {
	if l.err == nil {
		l.err = &Failure{Step: l.step, Err: err}
	}
}

// Step says that what comes is part i of something; an error of it is a [Failure]
// with this number.
func (l *List) Step(i int) { l.step = i }

// Left is which step each call is of that has not been done, and what it is called.
func (l *List) Left() (steps []int, names []string) {
	for _, c := range l.calls[l.done:] {
		steps, names = append(steps, c.step), append(names, c.name)
	}
	return steps, names
}

// Failure is the error of a list: which call failed, in which step.
type Failure struct {
	Step int
	Call string
	Err  error // of the call, a [unix.Errno]; or of what stood in for it
}

func (f *Failure) Error() string {
	if _, is := f.Err.(unix.Errno); is && f.Call != "" {
		return f.Call + ": " + f.Err.Error()
	}
	return f.Err.Error()
}
func (f *Failure) Unwrap() error { return f.Err }

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
	image := l.sent
	l.sent = nil
	given, err := l.doer.receive(image)
	if err == nil {
		err = l.read(image)
	}
	return l.take(given, err)
}

func (l *List) begin() (err error) {
	if l.sent != nil {
		return nil
	}
	if l.sent, err = l.image(); err != nil {
		return err
	}
	if l.trips != nil {
		*l.trips++
	}
	if err := l.doer.send(l.sent); err != nil {
		return err
	}
	return l.sendLent()
}

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
	c := &l.calls[l.done]
	errno := unix.Errno(-c.result)
	i := slices.IndexFunc(c.orElse, func(h handler) bool { return h.errno == 0 || h.errno == errno })
	if i < 0 {
		l.err = &Failure{c.step, c.name, errno}
		return
	}
	c.result = 0
	at := l.done
	l.done++
	if err := c.orElse[i].do(errno); err != nil {
		l.done = at
		l.err = &Failure{c.step, c.name, err}
	}
}

var errUnsettled = errors.New("a list that nobody waits for cannot ask")

// Straight refuses a list that is to be done when nobody is there to be asked.
func (l *List) Straight() error {
	for _, c := range l.calls[l.done:] {
		if len(c.orElse) > 0 {
			return fmt.Errorf("%s: %w", c.name, errUnsettled)
		}
	}
	if len(l.gives) > 0 {
		return fmt.Errorf("a descriptor for us: %w", errUnsettled)
	}
	return l.err
}

// Do is what an operation does that has been written as calls: it has them
// done by this process.
func Do(op interface{ Calls(*List) }) error {
	l := New()
	op.Calls(l)
	return l.Flush()
}
