package cgroups

import (
	"fmt"

	"mini/namespaces/calls"
)

// Op is one step of the plan.
type Op = calls.Op

// note is the part of an Op that only informs.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
func (n note) Journal() string     { return "" }
func (n note) Field() string       { return n.field }
func (n note) Why() string         { return n.why }

// FieldError is a setting that cannot be applied. Field is its JSON pointer in
// config.json.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Pointer returns Field. The caller of several planners knows this kind of
// error by the method.
func (e *FieldError) Pointer() string { return e.Field }

func refuse(field, format string, args ...any) error {
	return &FieldError{field, fmt.Errorf(format, args...)}
}
