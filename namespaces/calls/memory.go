package calls

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

type argKind uint8

const (
	number  argKind = iota
	pointer         // an offset in the list's data
	result          // of the call with this number
)

// Arg is an argument of a call: what [N], [List.Text], [List.Bytes] and a [Ref]
// are turned into.
type Arg struct {
	value uint64
	kind  argKind
	of    *List // whose call it is the result of
}

// N is a number: a flag, a length, a descriptor that is known.
func N[T ~int | ~int32 | ~uint | ~uint32 | ~uint64 | ~uintptr | ~int64 | ~uint16](n T) Arg {
	return Arg{value: uint64(n)}
}

// CWD is AT_FDCWD (openat(2)).
var CWD = N(unix.AT_FDCWD)

// link is an address in the list's data that is itself in the data, for who does it
// elsewhere than a hand.
type link struct{ at, to int }

// Memory is a part of a list's data.
type Memory struct {
	list     *List
	off, len int
}

// Arg is the memory's address.
func (m Memory) Arg() Arg { return m.At(0) }

// At is an address in the memory.
func (m Memory) At(off int) Arg { return Arg{value: uint64(m.off + off), kind: pointer} }

// Bytes is the content, as it was written or, after Flush, as the calls left it.
// It is good until the next call is added.
func (m Memory) Bytes() []byte { return m.list.data[m.off : m.off+m.len] }

// Begin is the first n bytes of it, n being what a call has returned. Who does the
// list says so, and need not be trusted: it is never more than there is.
func (m Memory) Begin(n int) []byte { return m.Bytes()[:min(max(n, 0), m.len)] }

// Memory copies p into the list's data.
func (l *List) Memory(p []byte) Memory {
	for len(l.data)%8 != 0 {
		l.data = append(l.data, 0)
	}
	m := Memory{l, len(l.data), len(p)}
	l.data = append(l.data, p...)
	return m
}

// Space is n zero bytes of the list's data.
func (l *List) Space(n int) Memory {
	for len(l.data)%8 != 0 {
		l.data = append(l.data, 0)
	}
	m := Memory{l, len(l.data), n}
	l.data = slices.Grow(l.data, n)[:len(l.data)+n]
	clear(l.data[m.off:])
	return m
}

// Later is n bytes of the list's data that are written when it is sent: fill gets them,
// all zero.
func (l *List) Later(n int, fill func(p []byte) error) Memory {
	m := l.Space(n)
	l.later = append(l.later, later{m, fill})
	return m
}

type later struct {
	Memory
	fill func(p []byte) error
}

// fill fills in what was left to be.
func (l *List) fill() error {
	for _, k := range l.later {
		if err := k.fill(k.Bytes()); err != nil {
			return err
		}
	}
	l.later = nil
	return nil
}

// Text is the address of s with a zero behind it.
func (l *List) Text(s string) Arg {
	if s == "" {
		return Arg{value: emptyText, kind: pointer}
	}
	if strings.IndexByte(s, 0) >= 0 {
		l.Fail(fmt.Errorf("%q: %w: it has a zero byte", s, unix.EINVAL))
	}
	off := len(l.data)
	l.data = append(append(l.data, s...), 0)
	return Arg{value: uint64(off), kind: pointer}
}

// Words is a memory of 8-byte words. Addresses among them become addresses where
// the list is done.
func (l *List) Words(words ...Arg) Memory {
	m := l.Space(8 * len(words))
	for i, w := range words {
		at := m.off + 8*i
		if w.kind == pointer {
			l.links = append(l.links, link{at, int(w.value)})
			w.value += handData
		}
		put(l.data, at, w.value)
	}
	return m
}
