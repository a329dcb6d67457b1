package rootfs

import "mini/namespaces/calls"

// Op is one step of the plan. It is an alias of an interface literal, so that
// the lists of every package are of one type and none imports another.
type Op = interface {
	Do() error           // one system call, or the smallest group that makes sense alone
	Calls(l *calls.List) // the same as system calls for another process to do; fails with calls.ErrNone if only Go code can do it
	String() string      // as strace or a shell would show it: mount proc on /proc (nosuid,noexec,nodev)
	Why() string         // one sentence and a man page: "… (mount(2))"
	Field() string       // JSON pointer of the setting that caused it (/mounts/2), or ""
	Shell() string       // the same step as line(s) of POSIX sh, "" if a shell has no way to do it
}

// note is what an operation says of its origin.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
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
