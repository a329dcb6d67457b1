package process

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

var errNoPid = errors.New("init has not been started: no pid")

// raiseLimit is done by the parent: only CAP_SYS_RESOURCE in the first user
// namespace may raise a hard limit. It never lowers one, so that init is not
// squeezed while it still works.
type raiseLimit struct {
	note
	limit  rlimit
	pid    *int
	enough bool // the process begins with one that is as high
}

// Idle says that there is nothing to do.
func (o raiseLimit) Idle() bool { return o.enough }

func (o raiseLimit) Do() error {
	if o.pid == nil || *o.pid == 0 {
		return errNoPid
	}
	if o.enough {
		return nil
	}
	var now unix.Rlimit
	if err := unix.Prlimit(*o.pid, o.limit.resource, nil, &now); err != nil {
		return err
	}
	if now.Max >= o.limit.hard {
		return nil
	}
	err := unix.Prlimit(*o.pid, o.limit.resource, &unix.Rlimit{Cur: now.Cur, Max: o.limit.hard}, nil)
	if err != nil {
		return fmt.Errorf("raise the hard limit from %s: %w", limitText(now.Max), err)
	}
	return nil
}

func (o raiseLimit) String() string {
	return fmt.Sprintf("prlimit init RLIMIT_%s hard >= %s", o.limit.name(), limitText(o.limit.hard))
}

// Shell sets all of the limit, for the new root may be without prlimit(1).
func (o raiseLimit) Shell() string {
	return fmt.Sprintf("prlimit --pid \"$pid\" --%s=%s", strings.ToLower(o.limit.name()), o.limit.value())
}

// setLimit is done by init: lowering, and raising soft up to hard, is free.
type setLimit struct {
	note
	limit rlimit
}

func (o setLimit) Do() error { return calls.Do(o) }

func (o setLimit) Calls(l *calls.List) {
	value := calls.Struct(l, &unix.Rlimit{Cur: o.limit.soft, Max: o.limit.hard})
	ownLimit(l, o.limit.resource, value.Arg(), calls.Arg{})
}

// ownLimit is prlimit(2) of the process itself.
func ownLimit(l *calls.List, resource int, set, old calls.Arg) calls.Ref {
	return l.Call("", unix.SYS_PRLIMIT64, calls.N(0), calls.N(resource), set, old)
}

func (o setLimit) String() string {
	return fmt.Sprintf("setrlimit RLIMIT_%s %s", o.limit.name(), o.limit.value())
}

// restoreFiles gives the program the soft RLIMIT_NOFILE that mini was started
// with, which Go raises for itself, or as much of it as the hard limit allows.
type restoreFiles struct {
	note
	soft uint64
}

func (o restoreFiles) Do() error { return calls.Do(o) }

// Calls sets what is allowed in any case first: above it is EINVAL.
func (o restoreFiles) Calls(l *calls.List) {
	now := calls.Struct(l, &unix.Rlimit{})
	ownLimit(l, unix.RLIMIT_NOFILE, calls.Arg{}, now.Arg())
	for half := 0; half < 8; half += 4 {
		l.Store(now.At(half), l.Load(now.At(8+half)).Arg())
	}
	ownLimit(l, unix.RLIMIT_NOFILE, now.Arg(), calls.Arg{})
	l.Store(now.At(0), calls.N(uint32(o.soft)))
	l.Store(now.At(4), calls.N(uint32(o.soft>>32)))
	ownLimit(l, unix.RLIMIT_NOFILE, now.Arg(), calls.Arg{}).Skip(unix.EINVAL, 0)
}

func (o restoreFiles) String() string { return "setrlimit RLIMIT_NOFILE soft as mini was started with" }
