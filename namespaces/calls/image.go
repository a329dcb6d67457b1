package calls

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An image is what is sent to a hand: the data, which begin with a head, and the calls
// that are left. The results of the calls are among the data, and the answer is the
// data. A call has its place in the hand's memory, and so have the data: calls and what
// they point to are final when they are added. A hand need not remember anything: each
// image has all data, so several lists may take turns. All numbers are words of eight
// bytes. The machine code in hand_*.s knows these layouts too.

// The places in a hand's memory. Both parts begin right before a border of 2 MiB, and
// there is a gap between them: the kernel must not give a usual list huge pages, which
// take long to clear (madvise(2), MADV_HUGEPAGE).
const (
	handData    = 0x20180000
	handDataEnd = handData + 0xa00000
	handCalls   = 0x20d80000
	handCallEnd = handCalls + 0xa00000
)

// head is how an image begins, and its answer.
type head struct {
	count  uint64  // the number of the call to end before
	at     uint64  // of the one to begin with; in the answer of the one that failed, or count
	socket uint64  // the descriptor that the answer is written to
	errno  uint64  // in the answer: what the failed call returned
	exit   uint64  // if not 0, the exit status after an answer that tells of a failure
	answer span    // what is written
	parts  [3]span // where what follows belongs: the data, the calls; the last is empty
	note   uint64  // where in the answer a note is, of no interest to the hand
}

type span struct{ at, size uint64 }

// emptyText is where in the data there is a zero: the end of a head's parts.
const emptyText = uint64(unsafe.Offsetof(head{}.parts) + 2*unsafe.Sizeof(span{}))

// call is one of a list.
type call struct {
	trap   uint64
	args   [6]uint64
	kinds  uint64 // bit i: argument i is the address of a result; bit 8+i: one in the data
	errno  uint64 // one that is expected; anyErrno: all
	skip   uint64 // then how many calls are skipped
	result uint64 // the address of its result
}

const anyErrno = 1 << 16

const (
	headSize = int(unsafe.Sizeof(head{}))
	callSize = uint64(unsafe.Sizeof(call{}))
)

// Results are in the data by tables of so many.
const tableSize = 32

// slot is where in the data the result of call i is.
func (l *List) slot(i int) int { return l.tables[i/tableSize] + 8*(i%tableSize) }

// newSlot makes one for a new call.
func (l *List) newSlot(i int) int {
	if i%tableSize == 0 {
		l.tables = append(l.tables, l.Space(8*tableSize).off)
	}
	return l.slot(i)
}

// result is that of call i: its value, or its errno below 0.
func (l *List) result(i int) int { return int(get(l.data, l.slot(i))) }

func (l *List) setResult(i, n int) { put(l.data, l.slot(i), uint64(n)) }

func put(p []byte, at int, v uint64) { binary.NativeEndian.PutUint64(p[at:], v) }
func get(p []byte, at int) uint64    { return binary.NativeEndian.Uint64(p[at:]) }

var errForeign = errors.New("the result of a call that has not been done")

// argument makes a argument k.
func (c *call) argument(l *List, k int, a Arg) {
	switch {
	case a.kind == pointer:
		c.args[k] = handData + a.value
		c.kinds |= 1 << (8 + k)
	case a.kind == number:
		c.args[k] = a.value
	case a.of == l:
		c.args[k] = handData + uint64(l.slot(int(a.value)))
		c.kinds |= 1 << k
	case int(a.value) < a.of.done:
		c.args[k] = uint64(a.of.result(int(a.value)))
	default:
		l.Fail(fmt.Errorf("%s: %w", a.of.labels[a.value].name, errForeign))
	}
}

// head is the beginning of the data.
func (l *List) head() *head { return headOf(l.data) }

func headOf(p []byte) *head { return (*head)(unsafe.Pointer(&p[:headSize][0])) }

// prepare makes the head of an image of what is left to be done. One that is too big for a
// hand is so by the arguments of its last call, execve, to which they are too long anyway.
func (l *List) prepare() error {
	if err := l.fill(); err != nil {
		return err
	}
	from, n, size := uint64(l.done), uint64(len(l.calls)), uint64(len(l.data))
	if n*callSize > handCallEnd-handCalls || size > handDataEnd-handData {
		last := l.labels[n-1]
		return &Failure{int(last.step), last.name, unix.E2BIG}
	}
	*l.head() = head{
		count: n, at: from, socket: uint64(l.doer.socket()), answer: span{handData, size},
		exit: uint64(l.final),
		parts: [3]span{
			{handData + uint64(headSize), size - uint64(headSize)},
			{handCalls + callSize*from, callSize * (n - from)},
		},
	}
	return nil
}

// image is the parts in their order.
func (l *List) image() [][]byte {
	left := l.calls[l.done:]
	return [][]byte{l.data, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(left))), len(left)*int(callSize))}
}
