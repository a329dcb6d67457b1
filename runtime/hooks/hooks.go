// Package hooks runs the programs that the configuration lists at fixed
// points of a container's life (runtime-spec, config.md, "POSIX-platform
// Hooks"). It knows how one list is run: in order, with the container's state
// on stdin, within its time-out, its output kept for the error. It does not
// know when, nor in which namespaces: each hook is run where its op is.
package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/namespaces/calls"
)

// Op is one step of the plan.
type Op = calls.Op

// State gives the JSON of the container's state at the time of the hook.
type State func() ([]byte, error)

// Plan turns the list of one kind (prestart, createRuntime, …) into ops.
// dir is the working directory, "" for the caller's; env is for hooks that name
// none of their own, nil for the caller's, as of runc and crun.
func Plan(kind string, list []specs.Hook, dir string, env []string, state State) ([]Op, error) {
	var ops []Op
	for i, h := range list {
		field := fmt.Sprintf("/hooks/%s/%d", kind, i)
		if err := check(h); err != nil {
			return nil, &FieldError{field + err.at, err}
		}
		if h.Env == nil {
			h.Env = env
		}
		ops = append(ops, hook{h, kind, dir, field, state})
	}
	return ops, nil
}

// FieldError says which setting is wrong.
type FieldError struct {
	Field string // JSON pointer
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }

type invalid struct{ at, text string }

func (e *invalid) Error() string { return e.text }

func check(h specs.Hook) *invalid {
	if !strings.HasPrefix(h.Path, "/") {
		return &invalid{"/path", fmt.Sprintf("%q is not absolute", h.Path)}
	}
	if h.Timeout != nil && *h.Timeout <= 0 {
		return &invalid{"/timeout", fmt.Sprintf("%d seconds: must be greater than zero", *h.Timeout)}
	}
	return nil
}

// hook runs one program.
type hook struct {
	specs.Hook
	kind  string
	dir   string
	field string
	state State
}

func (h hook) String() string  { return "run hook " + h.kind + " " + h.Path }
func (h hook) Field() string   { return h.field }
func (h hook) Shell() string   { return "" }
func (h hook) Journal() string { return "" }

func (h hook) Calls(l *calls.List) { l.Fail(calls.ErrNone) }

func (h hook) Why() string {
	return "The configuration asks for this program at this point; it gets the container's state on stdin (runtime-spec config.md, hooks)"
}

// Do is no list of system calls (package calls), as the steps of a container are: it
// starts a program and reads what that says until it ends or takes too long. So a
// container with hooks of its own, createContainer and startContainer, has mini
// itself inside.
func (h hook) Do() error {
	state, err := h.state()
	if err != nil {
		return err
	}
	ctx, cancel := h.deadline()
	defer cancel()
	cmd := exec.CommandContext(ctx, h.Path)
	cmd.Args, cmd.Env, cmd.Dir = h.argv(), h.Env, h.dir
	cmd.Stdin = bytes.NewReader(state)
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	err = cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("killed after its timeout of %d s%s", *h.Timeout, out.quoted())
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("%w%s", err, out.quoted())
	}
	return nil
}

func (h hook) deadline() (context.Context, context.CancelFunc) {
	if h.Timeout == nil {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(*h.Timeout)*time.Second)
}

// argv is args with args[0] as given; without args the path stands for it.
func (h hook) argv() []string {
	if len(h.Args) == 0 {
		return []string{h.Path}
	}
	return h.Args
}
