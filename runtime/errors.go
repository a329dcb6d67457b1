package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// StepError says which step of the plan failed and which setting asked for
// it. It unwraps to the errno.
type StepError struct {
	Stage  string // as in Stage.String
	Step   string // as in Op.String
	Field  string // JSON pointer, or ""
	Err    error
	Status int // what mini exits with: 126 or 127 if the program could not be executed, else 125
}

func (e *StepError) Error() string {
	s := e.Step + ": " + Explain(e.Err)
	if e.Field != "" {
		s += " [" + e.Field + "]"
	}
	return s
}

func (e *StepError) Unwrap() error { return e.Err }

// GaveUp is Run's error when a container has failed for good though its last run
// ended with status 0: who looks at the status only must see it, too.
type GaveUp struct{ Reason, Tally string }

func (e GaveUp) Error() string { return "failed: " + e.Reason + "; " + e.Tally }

// The exit statuses that are not the program's own.
const (
	statusTimedOut = 124
	statusMini     = 125
)

// Status is what mini exits with because of err: 126 or 127 if the program could
// not be executed, else 125.
func Status(err error) int {
	var step *StepError
	if errors.As(err, &step) {
		return step.Status
	}
	var exec interface{ ExitStatus() int }
	if errors.As(err, &exec) {
		return exec.ExitStatus()
	}
	return statusMini
}

// stepError wraps what op's Do returned.
func stepError(s Step, err error) *StepError {
	e := &StepError{Stage: s.Stage.String(), Step: s.String(), Field: s.Field(), Err: err, Status: 125}
	var exec interface{ ExitStatus() int }
	if errors.As(err, &exec) {
		e.Status = exec.ExitStatus()
	}
	return e
}

// Explain is err's text with the name of its errno: people search for EPERM,
// and two errnos share the text "operation not permitted" in translation.
func Explain(err error) string {
	var errno syscall.Errno
	text := err.Error()
	if !errors.As(err, &errno) {
		return text
	}
	name := unix.ErrnoName(errno)
	if name == "" || strings.Contains(text, name) {
		return text
	}
	return text + " (" + name + ")"
}

// wireError is an error that crossed from init to its parent: the text as it
// was there, and the errno to branch on.
type wireError struct {
	text  string
	errno syscall.Errno
}

func (e wireError) Error() string { return e.text }

func (e wireError) Unwrap() error {
	if e.errno == 0 {
		return nil
	}
	return e.errno
}

// failure is a StepError in the form in which it crosses.
type failure struct {
	Stage, Step, Field, Text string
	Errno, Status            int
}

func pack(err error) failure {
	f := failure{Text: err.Error(), Status: 125}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		f.Errno = int(errno)
	}
	var step *StepError
	if errors.As(err, &step) {
		f.Stage, f.Step, f.Field = step.Stage, step.Step, step.Field
		f.Text, f.Status = step.Err.Error(), step.Status
	}
	return f
}

func (f failure) error() error {
	err := wireError{f.Text, syscall.Errno(f.Errno)}
	if f.Step == "" {
		return err
	}
	return &StepError{Stage: f.Stage, Step: f.Step, Field: f.Field, Err: err, Status: f.Status}
}

// unpack reads a failure from its wire form.
func unpack(data []byte) error {
	var f failure
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("read init's error: %w", err)
	}
	return f.error()
}

// TimedOut is Run's error when the time given was over. The container has
// been ended then.
type TimedOut struct{ After time.Duration }

func (e TimedOut) Error() string { return fmt.Sprintf("ended after --timeout %s", e.After) }
