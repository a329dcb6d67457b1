package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Words are what it takes to say why the last stage has failed.
type Words struct {
	Program  string // as in args[0]
	Path     string // where it is looked for
	Dir      string // the working directory
	UID, GID uint32
	Groups   []uint32
	UIDs     []specs.LinuxIDMapping // empty: as on the host, or not known
	GIDs     []specs.LinuxIDMapping
}

// Words are those of a plan for c, without one and the facts that it needs: who starts
// what another process has created has neither.
func (c Config) Words() Words {
	env, _ := checkEnv(c.Process.Env) // what is wrong with it is for Plan to say
	p := program{env: env}
	w := Words{Program: c.Process.Args[0], Path: p.searchPath(), Dir: c.Process.Cwd,
		UID: c.Process.User.UID, GID: c.Process.User.GID, Groups: c.Process.User.AdditionalGids}
	if c.UserNS {
		w.UIDs, w.GIDs = c.UIDMappings, c.GIDMappings
	}
	return w
}

// Explain makes of the error of a list of calls, a [calls.Failure], the one that
// the Do of the same op would have: an [ExecError] if the program is not found or
// not started. Its detail needs the root; without one (nil) there is none. Other
// errors are returned as they are.
func (w Words) Explain(err error, root *Root) error { return w.explain(err, root.files()) }

func (w Words) explain(err error, v files) error {
	f := (*calls.Failure)(nil)
	if !errors.As(err, &f) {
		return err
	}
	errno, is := f.Err.(unix.Errno)
	if !is {
		return f
	}
	if strings.HasPrefix(f.Call, searchWord) {
		return w.explainSearch(searchError(f.Call, errno), v)
	}
	if file, is := strings.CutPrefix(f.Call, execWord); is {
		return w.explainExec(file, errno, v)
	}
	switch f.Call {
	case dirWord, insideWord:
		return w.explainDir(f.Call, errno)
	case labelWord:
		return explainLabel(errno)
	}
	return f
}

// searchError is what a search for the program has ended with.
func searchError(call string, errno unix.Errno) error {
	for _, word := range []string{openWord, accessWord, kindWord} {
		if file, is := strings.CutPrefix(call, word); is {
			return &candidateError{file, errno}
		}
	}
	if strings.HasPrefix(call, directoryWord) {
		return errDirectory
	}
	return ErrNotFound
}

func (w Words) explainDir(call string, errno unix.Errno) error {
	switch {
	case call == insideWord && errno == unix.ENOENT:
		return fmt.Errorf("%w: %w", errOutside, unix.EXDEV)
	case call == dirWord && errno == unix.ELOOP:
		return fmt.Errorf("%s leads through a magic link of /proc: %w", w.Dir, errno)
	}
	return errno
}

// explainLabel: AppArmor answers a profile that is not loaded with ENOENT, from
// the write.
func explainLabel(errno unix.Errno) error {
	err := fmt.Errorf("write: %w", errno)
	switch errno {
	case unix.ENOENT:
		return fmt.Errorf("%w (the profile is not loaded: apparmor_parser loads it, aa-status lists those that are)", err)
	case unix.EINVAL:
		return fmt.Errorf("%w (the loaded policy does not know this label)", err)
	}
	return err
}

// explained is an op whose failures say more than the call and its errno.
type explained interface {
	Calls(*calls.List)
	words() Words
}

// doAndExplain is its Do.
func doAndExplain(o explained) error { return o.words().explain(calls.Do(o), filesHere()) }
