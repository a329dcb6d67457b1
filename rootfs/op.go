package rootfs

import "mini/namespaces/calls"

// Op is one step of the plan.
type Op = calls.Op

// note is what an operation says of its origin.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
func (n note) Journal() string     { return "" }
func (n note) Field() string       { return n.field }
func (n note) Why() string         { return n.why }

// FieldError is a setting that cannot be planned.
type FieldError struct {
	Field string // JSON pointer: /mounts/2/options/1
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }
