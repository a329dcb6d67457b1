// Package seccomp compiles the seccomp section of an OCI configuration into a
// classic BPF program, and has a default profile.
//
// It knows the numbers of the system calls on every architecture that Go and
// mini run on, what libseccomp and runc make of a profile, and how to write a
// short and fast filter. Everything in it is pure: it does not load filters
// (package process does, as the last step but one before execve), does not ask
// the kernel what it supports, and neither hands over nor serves notifications.
//
// # What a profile means
//
// The specification defines rules by reference to libseccomp, and libseccomp
// leaves some cases open. Here:
//
//   - A rule whose action is the default action (same errno) says nothing, but
//     its names count as known to the profile.
//   - A rule without conditions beats every rule with conditions for the same
//     call; of several such rules the first holds.
//   - Otherwise the first rule in the profile whose conditions all hold decides.
//     libseccomp leaves the order of overlapping rules with different actions to
//     chance; where they do not overlap the result is the same.
//   - If a rule has two conditions on the same argument, each of its conditions
//     becomes a rule of its own (any of them suffices), as in runc and crun.
//   - On a 32-bit architecture conditions compare the lower 32 bits.
//   - For SCMP_CMP_MASKED_EQ bits of valueTwo outside the mask are ignored.
//   - A rule without conditions for a socket or System V IPC call holds for the
//     same call made through socketcall(2) or ipc(2), where these exist. A rule
//     with conditions does not, for a filter cannot see arguments behind a
//     pointer; libseccomp forgets the conditions there and lets the call pass.
//   - Calls with a number above every call that the profile names get ENOSYS, as
//     in runc, so that programs fall back to older calls; unless the default
//     action lets them pass (ALLOW, LOG, TRACE).
//   - A call made in an architecture that the profile does not list kills the
//     process. (libseccomp kills the thread, which leaves a damaged process.)
package seccomp

import (
	"fmt"
	"runtime"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

//go:generate go run gen.go

// maxInstructions is BPF_MAXINSNS of linux/bpf_common.h.
const maxInstructions = 4096

// A Program is a compiled filter, ready for seccomp(SECCOMP_SET_MODE_FILTER).
type Program struct {
	Instructions []unix.SockFilter // at most 4096; empty: no filter
	Flags        uint              // SECCOMP_FILTER_FLAG_*, the second argument of seccomp(2)

	// Unknown has the names in the profile that stand for nothing here: system
	// calls newer than the number tables, or misspelt, and architectures of this
	// machine that there are no numbers for. They were ignored, as runc does, and
	// are worth a warning.
	Unknown []string
}

// A FieldError says which setting cannot be compiled, and why.
type FieldError struct {
	Field string // JSON pointer into config.json
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }

func fieldError(field, format string, args ...any) error {
	return &FieldError{"/linux/seccomp" + field, fmt.Errorf(format, args...)}
}

// Compile translates a profile for the architecture that this program was
// built for, and those of the profile's own that the same machine can run.
// A nil profile gives the empty Program. Every error is a *FieldError.
func Compile(p *specs.LinuxSeccomp) (Program, error) {
	return compile(p, native(runtime.GOARCH))
}

func compile(p *specs.LinuxSeccomp, native specs.Arch) (Program, error) {
	if p == nil {
		return Program{}, nil
	}
	flags, err := parseFlags(p.Flags)
	if err != nil {
		return Program{}, err
	}
	targets, unknown, err := chooseABIs(p.Architectures, native)
	if err != nil {
		return Program{}, err
	}
	pol, err := parsePolicy(p)
	if err != nil {
		return Program{}, err
	}
	pol.addMultiplexed()
	if flags, err = listener(p, pol.notifies(), flags); err != nil {
		return Program{}, err
	}
	code := assemble(pol, targets)
	if len(code) > maxInstructions {
		return Program{}, fieldError("/syscalls", "the filter has %d instructions, the kernel takes %d: use fewer conditions or architectures", len(code), maxInstructions)
	}
	return Program{Instructions: code, Flags: flags, Unknown: append(unknown, pol.unknown...)}, nil
}

// parseFlags returns the flags to load the filter with. TSYNC is known and has no
// effect: it is about other threads, and execve leaves none.
func parseFlags(list []specs.LinuxSeccompFlag) (flags uint, err error) {
	for i, f := range list {
		switch f {
		case specs.LinuxSeccompFlagLog:
			flags |= unix.SECCOMP_FILTER_FLAG_LOG
		case specs.LinuxSeccompFlagSpecAllow:
			flags |= unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
		case specs.LinuxSeccompFlagWaitKillableRecv:
			flags |= unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
		case "SECCOMP_FILTER_FLAG_TSYNC":
		default:
			return 0, fieldError(fmt.Sprintf("/flags/%d", i), "unknown flag %q", f)
		}
	}
	return flags, nil
}

// listener adds the flag that makes a listener, if there is anything to tell it.
// Without one the kernel refuses WAIT_KILLABLE_RECV (seccomp(2)), and the
// specification ignores the path.
func listener(p *specs.LinuxSeccomp, notifies bool, flags uint) (uint, error) {
	switch {
	case p.ListenerMetadata != "" && p.ListenerPath == "":
		return 0, fieldError("/listenerMetadata", "has nobody to go to: it needs listenerPath")
	case !notifies:
		return flags &^ unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, nil
	case p.ListenerPath == "":
		return 0, fieldError("/listenerPath", "missing: SCMP_ACT_NOTIFY needs the socket of an agent that decides")
	}
	return flags | unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, nil
}
