package runtime

import (
	"fmt"
	"strings"

	"mini/namespaces/calls"
)

// Op is one step of the plan.
type Op = calls.Op

// One that is journalled may find what it was to make, and then fails: it says in this
// what to note once it is known to be its own.
type confirmed interface{ Confirm() string }

// note gives an op its Why and Field.
type note struct{ field, why string }

func (n note) Calls(l *calls.List) { l.Fail(calls.ErrNone) }
func (n note) Journal() string     { return "" }
func (n note) Why() string         { return n.why }
func (n note) Field() string       { return n.field }

// Stage says which process does a step, and when.
type Stage int

const (
	Prepare   Stage = iota // parent, before there is a child: what it is born with: directory, cgroup, gate
	Spawn                  // parent: clone, id maps, what only the host's root may set
	Open                   // parent, while init boots: the host's paths become descriptors
	Beside                 // parent, while init builds the root: limits, what is kept of the configuration
	Mount                  // init: the new root is built, the host's tree still in sight
	Between                // parent, when the root is built: prestart and createRuntime hooks; hard limits that only the host's root may raise
	Pivot                  // init: the old root goes; masks, hostname, sysctls, terminal
	Late                   // parent, while init waits at the gate: limits that would have hindered init
	Last                   // init, once the gate is open: user, capabilities, seccomp, execve
	Poststart              // parent, once the program runs: poststart hooks
	Poststop               // whoever deletes the container, when nothing else is left of it: poststop hooks
)

var stages = [...]struct{ name, who string }{
	Prepare:   {"prepare", "parent"},
	Spawn:     {"spawn", "parent"},
	Open:      {"open", "parent"},
	Beside:    {"beside", "parent"},
	Mount:     {"mount", "init"},
	Between:   {"between", "parent"},
	Pivot:     {"pivot", "init"},
	Late:      {"late", "parent"},
	Last:      {"last", "init"},
	Poststart: {"poststart", "parent"},
	Poststop:  {"poststop", "parent"},
}

func (s Stage) String() string { return stages[s].name }

// Who names the process that does the stage's steps: parent or init.
func (s Stage) Who() string { return stages[s].who }

// Step is an op in its place.
type Step struct {
	Stage Stage
	Op
}

// Name is the op's package and type: what kind of step this is.
func (s Step) Name() string { return strings.TrimPrefix(fmt.Sprintf("%T", s.Op), "*") }
