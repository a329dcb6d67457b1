package rootfs

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// slot holds one descriptor that an operation opens and others use: of the parent,
// or of the process that does the lists of calls. From the one to the other it gets
// by Sources.
type slot struct {
	open  bool
	arg   calls.Arg // if open: the descriptor
	ref   calls.Ref // the call that has opened it; the zero Ref: another process's
	file  *os.File  // in the parent: the same, to be handed over and closed
	shell string    // where the script has the same, as a word of sh
}

var errEmptySlot = errors.New("its source was never opened")

// fd is the descriptor as an argument of l, which fails if there is none; what
// says in its error what is missing, or is "".
func (s *slot) fd(l *calls.List, what string) calls.Arg {
	switch {
	case s != nil && s.open:
		return s.arg
	case s != nil && s.file != nil:
		return calls.N(s.file.Fd())
	case what != "":
		l.Fail(fmt.Errorf("%s: %w", what, errEmptySlot))
	default:
		l.Fail(errEmptySlot)
	}
	return calls.N(-1)
}

// hold fills the slot with the result of a call.
func (s *slot) hold(ref calls.Ref) { s.open, s.ref, s.arg = true, ref, ref.Arg() }

// set fills the slot with a descriptor of this process.
func (s *slot) set(fd int) { s.file = os.NewFile(uintptr(fd), "mount") }

// close has it closed by the process that does l.
func (s *slot) close(l *calls.List) {
	if s.open {
		l.Close(s.arg)
	}
	s.open = false
}

// own takes over what a list of this process has opened.
func (s *slot) own() *os.File {
	if s.file == nil && s.open && s.ref.Done() {
		s.set(s.ref.Result())
	}
	return s.file
}

// Sources are the descriptors that cross from the parent to init, in an order
// both know from the plan.
type Sources struct{ slots []*slot }

// Files lists the descriptors in slot order. Parent, after the stage Open; a
// source whose operation was not done is nil.
func (s *Sources) Files() []*os.File {
	files := make([]*os.File, len(s.slots))
	for i, slot := range s.slots {
		files[i] = slot.own()
	}
	return files
}

// Fill takes over the descriptors in slot order, and closes files. Init, before the
// stage Mount.
func (s *Sources) Fill(files []*os.File) error {
	args := make([]calls.Arg, len(files))
	for i, f := range files {
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return fmt.Errorf("fcntl F_DUPFD_CLOEXEC: %w", err)
		}
		f.Close()
		args[i] = calls.N(fd)
	}
	return s.FillArgs(args)
}

// FillArgs says what the descriptors are in the process that does the stages Mount
// and Pivot as lists of calls, in slot order: what a list has received or borrowed
// ([calls.List.Lend]) of Files. The parent, between its stage Open and the first
// operation of Mount; Files and Close are about the parent's own as before.
func (s *Sources) FillArgs(args []calls.Arg) error {
	if len(args) != len(s.slots) {
		return fmt.Errorf("%d sources received, %d planned", len(args), len(s.slots))
	}
	for i, slot := range s.slots {
		slot.own()
		slot.open, slot.arg, slot.ref = true, args[i], calls.Ref{}
	}
	return nil
}

// Close closes what is open. The parent calls it when init has the copies.
func (s *Sources) Close() {
	for _, slot := range s.slots {
		if f := slot.own(); f != nil {
			f.Close()
		}
		slot.file = nil
		if slot.ref != (calls.Ref{}) {
			slot.open = false
		}
	}
}
