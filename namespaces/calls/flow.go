package calls

import "golang.org/x/sys/unix"

// What a list without [Ref.Else] decides for itself: where a call's result leads.
// There is no way but forward.

// Jump passes over all calls between it and those that are added after
// [Jump.Here].
func (l *List) Jump() Jump {
	return Jump{l.Check("jump", l.Space(8).Arg(), 0, 1, unix.ECANCELED)}
}

// Jump is the beginning of one.
type Jump struct{ from Ref }

// Here is where it ends.
func (j Jump) Here() { j.from.SkipTo(0) }

// Unless passes over all calls between it and those that are added after
// [Jump.Here] if r's result, of which 32 bits count, masked, is not want. r may be
// a call that is skipped itself, its result is 0 then, and one of another list
// that has been done.
func (l *List) Unless(r Ref, mask, want int32) Jump {
	m := l.Space(8)
	l.Store(m.Arg(), r.Arg())
	return Jump{l.Check("unless", m.Arg(), uint64(uint32(mask)), uint64(uint32(want)), unix.ECANCELED)}
}

// UnlessErrno is Unless r has failed with errno, which it was allowed to.
func (l *List) UnlessErrno(r Ref, errno unix.Errno) Jump { return l.Unless(r, -1, -int32(errno)) }

// Done says that the call has been, and its result can be used by another list.
func (r Ref) Done() bool { return r.list != nil && r.i < r.list.done }

// Result is that of a call that has been done, whatever is still to do: its value,
// or its errno below 0.
func (r Ref) Result() int { return r.list.result(r.i) }
