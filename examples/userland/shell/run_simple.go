package shell

import (
	"fmt"
	"maps"
	"strings"
)

// simple runs a simple command: assignments only, builtin, applet or program.
func (s *Shell) simple(n *Simple) error {
	args, err := s.expandWords(n.Words)
	if err != nil {
		return s.failed(err)
	}
	if len(args) == 0 {
		return s.assignOnly(n)
	}
	s.trace(args)
	files, done, err := s.redirect(n.Redirects)
	if err != nil {
		return s.failed(err)
	}
	if args[0] != "exec" { // whose redirections stay
		defer done()
	}
	switch {
	case builtins()[args[0]] != nil:
		return s.builtin(args, n.Assign, files)
	case s.Applets[args[0]] != nil:
		s.status = s.Applets[args[0]](args, files[0], files[1], files[2])
		return nil
	}
	defer func(old descriptors) { s.files = old }(s.files)
	s.files[2] = files[2] // where "not found" goes
	j, err := s.program(args, n.Assign, files)
	if err != nil {
		s.status = s.launchStatus(err)
		return nil
	}
	s.status = s.waitFor(j)
	return nil
}

// internal tells whether the name is run by the shell itself.
func (s *Shell) internal(name string) bool { return builtins()[name] != nil || s.Applets[name] != nil }

// assignOnly is NAME=value with no command: the status is that of the last $( ).
func (s *Shell) assignOnly(n *Simple) error {
	s.status = 0
	if _, err := s.assign(n.Assign, false); err != nil {
		return s.failed(err)
	}
	_, done, err := s.redirect(n.Redirects)
	if err != nil {
		return s.failed(err)
	}
	done()
	return nil
}

// assign sets variables, exported ones if a program shall see them, and
// returns what takes them back.
func (s *Shell) assign(list []Assign, export bool) (restore func(), err error) {
	if len(list) == 0 {
		return func() {}, nil
	}
	old := maps.Clone(s.vars)
	restore = func() { s.vars = old }
	for _, a := range list {
		v, err := s.expandText(a.Value)
		if err != nil {
			return restore, err
		}
		if s.set(a.Name, v); export {
			s.export(a.Name)
		}
	}
	return restore, nil
}

func (s *Shell) export(name string) {
	s.vars[name] = variable{s.vars[name].value, true}
}

// builtin runs one of the commands that change the shell.
func (s *Shell) builtin(args []string, list []Assign, files descriptors) error {
	restore, err := s.assign(list, false)
	if len(list) > 0 && args[0] != "exec" {
		defer restore()
	}
	if err != nil {
		return s.failed(err)
	}
	old := s.files
	s.files = files
	if s.status = 0; args[0] == "exec" {
		return s.exec(args[1:])
	}
	err = builtins()[args[0]](s, args[1:])
	s.files = old
	return err
}

// trace is set -x.
func (s *Shell) trace(args []string) {
	if s.xtrace && s.files[2] != nil {
		fmt.Fprintf(s.files[2], "+ %s\n", strings.Join(args, " "))
	}
}

// write prints to the builtin's stdout.
func (s *Shell) write(format string, values ...any) {
	if out := s.files[1]; out != nil {
		fmt.Fprintf(out, format, values...)
	}
}
