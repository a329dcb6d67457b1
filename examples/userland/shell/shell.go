package shell

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Applet is a program that the shell runs inside itself instead of starting it.
// It returns the exit status.
type Applet func(args []string, in, out, err *os.File) int

// Config is what a shell is started with.
type Config struct {
	Args    []string          // argv: [NAME=VALUE]… [-c TEXT [NAME ARG…] | FILE [ARG…]]
	Environ []string          // NAME=VALUE: exported variables
	Self    string            // path of the program that is this shell, for subshells
	Applets map[string]Applet // run in process; may be nil
	Explain func(error) string
}

type variable struct {
	value    string
	exported bool
}

// descriptors are what 0 to 9 are to the commands; nil is closed.
type descriptors [10]*os.File

// Shell is the state of one sh.
type Shell struct {
	Config
	name    string // $0
	params  []string
	vars    map[string]variable
	files   descriptors
	status  int    // $?
	pid     int    // $$; in a subshell that of the first shell
	last    string // $!
	jobs    []*job
	traps   traps
	errexit bool // set -e
	xtrace  bool // set -x
	checked int  // > 0 where set -e does not act: conditions
}

// Control flow travels as errors.
type (
	exitError  struct{} // the shell ends with its status
	breakError struct { // or continue
		again bool
		depth int
	}
	fatalError struct{ error } // the script cannot go on
)

func (exitError) Error() string  { return "exit" }
func (breakError) Error() string { return "break outside a loop" }

func newShell(c Config) *Shell {
	s := &Shell{Config: c, vars: map[string]variable{}, pid: os.Getpid()}
	s.files[0], s.files[1], s.files[2] = os.Stdin, os.Stdout, os.Stderr
	for _, e := range c.Environ {
		if name, value, ok := strings.Cut(e, "="); ok && isName(name) {
			s.vars[name] = variable{value, true}
		}
	}
	return s
}

func (s *Shell) set(name, value string) {
	s.vars[name] = variable{value, s.vars[name].exported}
}

// environ is the environment of a child, sorted.
func (s *Shell) environ() []string {
	var env []string
	for name, v := range s.vars {
		if v.exported {
			env = append(env, name+"="+v.value)
		}
	}
	slices.Sort(env)
	return env
}

// complain writes to the shell's stderr.
func (s *Shell) complain(err error) {
	text := err.Error()
	if s.Explain != nil {
		text = s.Explain(err)
	}
	if s.files[2] != nil {
		fmt.Fprintf(s.files[2], "sh: %s\n", text)
	}
}

// script runs a text to its end and returns whether the shell shall go on.
func (s *Shell) script(text string) bool {
	n, err := Parse(text)
	if err != nil {
		s.complain(err)
		s.status = 2
		return false
	}
	return s.finish(s.run(n))
}

// finish turns what stopped a script into a status.
func (s *Shell) finish(err error) bool {
	var fatal fatalError
	switch {
	case err == nil:
		return true
	case errors.Is(err, exitError{}):
	case errors.As(err, &fatal):
		s.complain(fatal.error)
		s.status = 2
	default:
		s.complain(err)
		s.status = 1
	}
	return false
}
