package calls

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// List is system calls in order, and the memory that they point to: the parts of an
// image, which is what does them. The zero List cannot be used: see [New]. After an
// error all methods do nothing.
type List struct {
	doer   doer
	calls  []call
	tables []int   // where in the data their results are
	labels []label // of the calls
	data   []byte  // the head first
	links  []link  // addresses in data
	elses  []handler
	done   int     // how many calls have been done
	gives  []gift  // that have not been taken
	later  []later // that have not been filled in
	lent   []*os.File
	begun  bool
	final  int          // see Final
	after  func() error // see After
	step   int
	trips  *int // see Count; nil: nobody asks
	err    error
}

// doer does lists.
type doer interface {
	socket() int        // the descriptor there that the answer goes to
	send(l *List) error // begins with what is left
	// receive waits for the end; the data are then as the calls have left them. It
	// returns the descriptors that were given to this process.
	receive(l *List) (given []int, err error)
	give(l *List, fd Arg) Ref             // see [List.Give]
	lend(l *List, files []*os.File) []Arg // see [List.Lend]
}

// label is what is known of a call where it is not done.
type label struct {
	name string
	step int32
}

// handler is for a call's failure: see [Ref.Else].
type handler struct {
	call  int
	errno unix.Errno // 0: any
	do    func(unix.Errno) error
}

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
	i := len(l.calls)
	l.calls = append(l.calls, call{trap: uint64(trap), result: handData + uint64(l.newSlot(i))})
	l.labels = append(l.labels, label{name, int32(l.step)})
	for k, a := range args {
		l.calls[i].argument(l, k, a)
	}
	return Ref{l, i}
}

// Named changes what an error calls it; "" if the error says all.
func (r Ref) Named(name string) Ref {
	r.list.labels[r.i].name = name
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
	r.list.elses = append(r.list.elses, handler{r.i, errno, do})
	return r
}

// Pass passes over the calls that r's [Ref.Skip] would: for use in r's [Ref.Else], if
// there is more than one errno to skip for.
func (r Ref) Pass() { r.list.done += int(r.list.calls[r.i].skip) }

// Set puts n in the place of the call's result, for use in [Ref.Else].
func (r Ref) Set(n int) { r.list.setResult(r.i, n) }

// Value flushes the list and is the call's result, -1 after an error.
func (r Ref) Value() (int, error) {
	if err := r.list.Flush(); err != nil {
		return -1, err
	}
	return r.list.result(r.i), nil
}

// Err flushes the list; it is the error of this call or of one before it.
func (r Ref) Err() error { return r.list.Flush() }

// usual is the room for what a usual container needs: what is not used is never
// touched. few is that for little errands.
var (
	usual = room{1000, 64 << 10}
	few   = room{4, 512}
)

type room struct{ calls, data int }

func newList(by doer, r room) *List {
	return &List{
		doer:   by,
		calls:  make([]call, 0, r.calls),
		labels: make([]label, 0, r.calls),
		elses:  make([]handler, 0, r.calls/4),
		data:   make([]byte, headSize, r.data),
	}
}

// New makes a list for calls that are done by this process.
func New() *List { return newList(local{}, few) }

// Beside is an empty list that is done by the same process, for what must be done
// while this one waits.
func (l *List) Beside() *List {
	k := newList(l.doer, few)
	k.trips, k.after = l.trips, l.after
	return k
}

// Count has n counted up each time that calls are sent to the process that does
// them, of this list or one beside it.
func (l *List) Count(n *int) { l.trips = n }

// Fail makes the list fail in this step, if it has not. Nobody waits for it, and it is
// called in so many places that its code in each would be 12 KiB.
//
//go:noinline
func (l *List) Fail(err error) {
	if l.err == nil {
		l.err = &Failure{Step: l.step, Err: err}
	}
}

// ErrNone is the failure of an operation that is not system calls: only Go code does it.
var ErrNone = errors.New("this step is not system calls")

// Step says that what comes is part i of something; an error of it is a [Failure]
// with this number.
func (l *List) Step(i int) { l.step = i }

// Left is which step each call is of that has not been done, and what it is called.
func (l *List) Left() (steps []int, names []string) {
	for _, c := range l.labels[l.done:] {
		steps, names = append(steps, int(c.step)), append(names, c.name)
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

// Do is what an operation does that has been written as calls: it has them
// done by this process.
func Do(op interface{ Calls(*List) }) error {
	l := New()
	op.Calls(l)
	return l.Flush()
}
