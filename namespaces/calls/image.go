package calls

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// An image is what is sent to a hand: a head, the calls, what they point to. All
// numbers are words of eight bytes in the order of the machine, which is
// little-endian on all that are supported. The machine code in hand_*.s knows
// these numbers too.
const (
	headSize = 64
	callSize = 88

	headTotal  = 0  // bytes of the image
	headCount  = 8  // calls
	headAt     = 16 // the call to begin with; in the answer the one that failed, or count
	headReply  = 24 // how many bytes of the image are the answer
	headSocket = 32 // the descriptor that it is written to
	headResult = 40 // in the answer: what the failed call returned
	headExit   = 48 // if not 0, the exit status after the answer
	headNote   = 56 // where in the image a note is, of no interest to the hand

	callTrap   = 0
	callArgs   = 8
	callRefs   = 56 // bit i: argument i is the address of a result
	callErrno  = 64
	callSkip   = 72
	callResult = 80
)

// maxImage is the size of a hand's memory.
const maxImage = 16 << 20

var errTooBig = errors.New("more than a hand can hold")

// image is what is left to be done of the list.
func (l *List) image() ([]byte, error) {
	todo := l.calls[l.done:]
	at := headSize + callSize*len(todo)
	p := make([]byte, at+len(l.data))
	if len(p) > maxImage {
		return nil, fmt.Errorf("%d bytes: %w", len(p), errTooBig)
	}
	start := l.doer.base(p)
	data := start + uint64(at)
	put(p, headTotal, uint64(len(p)))
	put(p, headCount, uint64(len(todo)))
	put(p, headReply, uint64(len(p)))
	put(p, headSocket, uint64(l.doer.socket()))
	for i := range todo {
		l.encode(p[headSize+callSize*i:], &todo[i], start, data)
	}
	copy(p[at:], l.data)
	for _, k := range l.links {
		put(p[at:], k.at, data+uint64(k.to))
	}
	return p, nil
}

func (l *List) encode(p []byte, c *call, start, data uint64) {
	put(p, callTrap, c.trap)
	var refs uint64
	for i, a := range c.args {
		v := a.value
		switch {
		case a.kind == pointer:
			v += data
		case a.kind == result && (a.of != l || int(v) < l.done):
			v = uint64(a.of.calls[v].result)
		case a.kind == result:
			v = start + headSize + callSize*(v-uint64(l.done)) + callResult
			refs |= 1 << i
		}
		put(p, callArgs+8*i, v)
	}
	put(p, callRefs, refs)
	put(p, callErrno, c.errno)
	put(p, callSkip, c.skip)
}

// read takes the results out of an image that comes back.
func (l *List) read(p []byte) error {
	todo := l.calls[l.done:]
	n := get(p, headAt)
	if n > uint64(len(todo)) {
		return fmt.Errorf("%d calls of %d done", n, len(todo))
	}
	for i := range todo {
		todo[i].result = int64(get(p[headSize+callSize*i:], callResult))
	}
	copy(l.data, p[headSize+callSize*len(todo):])
	l.done += int(n)
	return nil
}

func put(p []byte, at int, v uint64) { binary.LittleEndian.PutUint64(p[at:], v) }
func get(p []byte, at int) uint64    { return binary.LittleEndian.Uint64(p[at:]) }
