package process

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrNotFound is a program that is in no directory of PATH. Its text is the one
// engines look for.
var ErrNotFound = errors.New("executable file not found in $PATH")

// ExecError says why the program was not started. Its text holds one of the
// classic phrases "executable file not found in $PATH", "no such file or
// directory" and "permission denied", by which engines tell exit statuses.
type ExecError struct {
	Program string        // as in args[0]
	Errno   syscall.Errno // as execve(2) gave it, or would have
	Phrase  string        // "" for the text of Errno
	Detail  string        // what to make of it, or ""
}

func (e *ExecError) Error() string {
	phrase := e.Phrase
	if phrase == "" {
		phrase = e.Errno.Error()
	}
	s := fmt.Sprintf("exec %q: %s", e.Program, phrase)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	return s
}

// Unwrap gives the errno.
func (e *ExecError) Unwrap() error { return e.Errno }

// Is tells ErrNotFound from a path that does not exist.
func (e *ExecError) Is(target error) bool {
	return target == ErrNotFound && e.Phrase == ErrNotFound.Error()
}

// ExitStatus is that of a shell: 127 for a program (or its interpreter) that is
// not there, 126 for one that is there and cannot be run.
func (e *ExecError) ExitStatus() int {
	if e.Errno == syscall.ENOENT {
		return 127
	}
	return 126
}
