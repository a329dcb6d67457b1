package process

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

var errNoPid = errors.New("init has not been started: no pid")

// raiseLimit is done by the parent: only CAP_SYS_RESOURCE in the first user
// namespace may raise a hard limit. It never lowers one, so that init is not
// squeezed while it still works.
type raiseLimit struct {
	note
	limit rlimit
	pid   *int
}

func (o raiseLimit) Do() error {
	if o.pid == nil || *o.pid == 0 {
		return errNoPid
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

// Do uses the wrapper that tells package syscall that somebody else cares for
// RLIMIT_NOFILE now, so that syscall.Exec leaves it alone.
func (o setLimit) Do() error {
	return unix.Prlimit(0, o.limit.resource, &unix.Rlimit{Cur: o.limit.soft, Max: o.limit.hard}, nil)
}

func (o setLimit) String() string {
	return fmt.Sprintf("setrlimit RLIMIT_%s %s", o.limit.name(), o.limit.value())
}

// restoreFiles gives the program the soft RLIMIT_NOFILE that mini was started
// with: Go raised init's own.
type restoreFiles struct {
	note
	soft uint64
}

func (o restoreFiles) Do() error {
	var now unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &now); err != nil {
		return err
	}
	return unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: min(o.soft, now.Max), Max: now.Max}, nil)
}

func (o restoreFiles) String() string { return "setrlimit RLIMIT_NOFILE soft as mini was started with" }
