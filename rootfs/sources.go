package rootfs

import (
	"errors"
	"fmt"
	"os"
)

// slot holds one descriptor that an operation opens and others use. In the
// process that does not run the opening operation it is filled by Sources.Fill.
type slot struct {
	file  *os.File
	shell string // where the script has the same, as a word of sh
}

var errEmptySlot = errors.New("its source was never opened")

func (s *slot) fd() (int, error) {
	if s == nil || s.file == nil {
		return -1, errEmptySlot
	}
	return int(s.file.Fd()), nil
}

func (s *slot) set(fd int) { s.file = os.NewFile(uintptr(fd), "mount") }

func (s *slot) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}

// Sources are the descriptors that cross from the parent to init, in an order
// both know from the plan.
type Sources struct{ slots []*slot }

// Files lists the descriptors in slot order. Parent, after the stage Open; a
// source whose operation was not done is nil.
func (s *Sources) Files() []*os.File {
	files := make([]*os.File, len(s.slots))
	for i, slot := range s.slots {
		files[i] = slot.file
	}
	return files
}

// Fill takes over the descriptors in slot order. Init, before the stage Mount.
func (s *Sources) Fill(files []*os.File) error {
	if len(files) != len(s.slots) {
		return fmt.Errorf("%d sources received, %d planned", len(files), len(s.slots))
	}
	for i, slot := range s.slots {
		slot.file = files[i]
	}
	return nil
}

// Close closes what is open. The parent calls it when init has the copies.
func (s *Sources) Close() {
	for _, slot := range s.slots {
		slot.close()
	}
}
