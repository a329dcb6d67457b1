package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// status ends an applet without a message.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// errUsage is a wrong way to call an applet: its usage is printed, the status is 2.
var errUsage = errors.New("wrong arguments")

// usage is errUsage with what is wrong.
func usage(format string, values ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, values...))
}

// explain words an error for people: /x: ENOENT (no such file or directory).
func explain(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) && path.Path != "" {
		what := path.Path
		if path.Op == "write" { // what was not opened just now
			what = "write " + what
		}
		return what + ": " + explain(path.Err)
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	before, _ := strings.CutSuffix(err.Error(), errno.Error())
	return before + errnoText(errno)
}

func errnoText(errno syscall.Errno) string {
	name := unix.ErrnoName(errno)
	if name == "" {
		name = fmt.Sprintf("errno %d", int(errno))
	}
	return fmt.Sprintf("%s (%s)", name, errno)
}

// failedIf is the end of an applet that has told its errors as they came.
func failedIf(failed bool) error {
	if failed {
		return status(1)
	}
	return nil
}
