package namespaces

import "mini/namespaces/calls"

// Op is one step of the plan.
type Op = calls.Op

// note is what every op says about its origin.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
func (n note) Journal() string     { return "" }
func (n note) Field() string       { return n.field }
func (n note) Why() string         { return n.why }
