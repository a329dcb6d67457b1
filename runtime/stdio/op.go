package stdio

import (
	"fmt"

	"mini/namespaces/calls"
)

// Op is one step of the plan.
type Op = calls.Op

// note is the part of an Op that is only text.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
func (n note) Journal() string     { return "" }
func (n note) Field() string       { return n.field }
func (n note) Why() string         { return n.why }
func (n note) Shell() string       { return "" }

// FieldError is an error caused by one setting, named by its JSON pointer.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }

func refuse(field, format string, args ...any) error {
	return &FieldError{field, fmt.Errorf(format, args...)}
}
