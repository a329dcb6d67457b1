// Command userland is everything in the root of the example containers: one
// static program that is sh, ls, ps and some forty more by the name it is called
// with (a symbolic link), or by its first argument.
//
// Beside the tools to look around with there are some that behave badly on
// purpose: they eat memory, fork, burn CPU, fail and hang, so that limits and the
// heartbeat can be seen to work. It knows nothing of mini.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// applet is one program of the userland. Its run returns nil for success, a
// status to end with, or an error to be printed.
type applet struct {
	name, args, about string
	run               func(*call) error
}

// call is one invocation of an applet.
type call struct {
	name         string
	args         []string // without the name
	in, out, err *os.File
}

func (c *call) printf(format string, values ...any) { fmt.Fprintf(c.out, format, values...) }

// complain prints an error and lets the applet go on with the next argument.
func (c *call) complain(err error) { fmt.Fprintf(c.err, "%s: %s\n", c.name, explain(err)) }

func main() {
	os.Exit(userland(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// userland runs the applet that argv names and returns its exit status.
func userland(argv []string, in, out, err *os.File) int {
	if _, ok := find(called(argv)); !ok && len(argv) > 1 {
		argv = argv[1:]
	}
	name := called(argv)
	a, ok := find(name)
	if !ok {
		a, _ = find("help")
	}
	return a.status(&call{name: name, args: argv[1:], in: in, out: out, err: err})
}

// called is the applet's name in argv[0]; a login shell has a - before it.
func called(argv []string) string {
	return strings.TrimPrefix(filepath.Base(argv[0]), "-")
}

func find(name string) (applet, bool) {
	for _, a := range applets() {
		if a.name == name {
			return a, true
		}
	}
	return applet{}, false
}

// status runs the applet and turns what it returns into an exit status.
func (a applet) status(c *call) int {
	err := a.run(c)
	var s status
	switch {
	case err == nil:
		return 0
	case errors.As(err, &s):
		return int(s)
	case errors.Is(err, errUsage):
		fmt.Fprintf(c.err, "%s: %v\nusage: %s %s\n", c.name, err, a.name, a.args)
		return 2
	}
	c.complain(err)
	return 1
}
