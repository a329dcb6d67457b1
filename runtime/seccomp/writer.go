package seccomp

import (
	"slices"

	"golang.org/x/sys/unix"
)

// A writer writes a program back to front: BPF only jumps forwards, so each
// target is there before the jumps to it, and their lengths are known.
type writer struct {
	code    []unix.SockFilter // the last instruction first
	returns []label           // the latest return of each value
}

// A label is a place in the program, as the number of instructions from there
// to the end. 0 is no place.
type label int

// A conditional jump skips at most this many instructions.
const maxSkip = 255

func (w *writer) emit(code uint16, k uint32, yes, no int) label {
	w.code = append(w.code, unix.SockFilter{Code: code, Jt: uint8(yes), Jf: uint8(no), K: k})
	return label(len(w.code))
}

// skip is how many instructions lie between the next one written and a place.
func (w *writer) skip(to label) int { return len(w.code) - int(to) }

// load writes a load of the word at an offset of struct seccomp_data, which
// goes on with next.
func (w *writer) load(offset uint32, next label) label {
	w.near(next, 0)
	return w.emit(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset, 0, 0)
}

// and writes a mask of what was loaded, which goes on with next.
func (w *writer) and(mask uint32, next label) label {
	w.near(next, 0)
	return w.emit(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, mask, 0, 0)
}

// ret returns a place that returns value: an old one if it is near enough to be
// jumped to, else a new one.
func (w *writer) ret(value uint32) label {
	for i, at := range w.returns {
		if w.code[at-1].K != value {
			continue
		}
		if w.skip(at) >= maxSkip-1 {
			w.returns[i] = w.emit(unix.BPF_RET|unix.BPF_K, value, 0, 0)
		}
		return w.returns[i]
	}
	at := w.emit(unix.BPF_RET|unix.BPF_K, value, 0, 0)
	w.returns = append(w.returns, at)
	return at
}

// jump writes a comparison with k that goes to yes or no.
func (w *writer) jump(op uint16, k uint32, yes, no label) label {
	yes = w.near(yes, maxSkip-1) // one less: near(no) may put one more between
	no = w.near(no, maxSkip)
	return w.emit(unix.BPF_JMP|op|unix.BPF_K, k, w.skip(yes), w.skip(no))
}

// near returns a place not farther than limit that does the same as at: at
// itself, a copy if it is a return, or a long jump.
func (w *writer) near(at label, limit int) label {
	if w.skip(at) <= limit {
		return at
	}
	if i := w.code[at-1]; i.Code == unix.BPF_RET|unix.BPF_K {
		return w.emit(i.Code, i.K, 0, 0)
	}
	return w.emit(unix.BPF_JMP|unix.BPF_JA, uint32(w.skip(at)), 0, 0)
}

// program returns the instructions in their order.
func (w *writer) program() []unix.SockFilter {
	slices.Reverse(w.code)
	return w.code
}
