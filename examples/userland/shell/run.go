package shell

import (
	"errors"
	"path"
)

// run executes a node; its exit status is in s.status. An error is control
// flow, or something that ends the script.
func (s *Shell) run(n Node) error {
	if err := s.runTraps(); err != nil {
		return err
	}
	switch n := n.(type) {
	case *Simple:
		return s.strict(s.simple(n))
	case *List:
		return s.list(n)
	case *AndOr:
		return s.andOr(n)
	case *Pipeline:
		return s.strict(s.pipeline(n))
	case *If:
		return s.ifClause(n)
	case *Loop:
		return s.loop(n)
	case *For:
		return s.forClause(n)
	case *Case:
		return s.caseClause(n)
	case *Subshell:
		return s.strict(s.foreground(n.Body.text()))
	case *Redirected:
		return s.redirected(n)
	}
	return nil // a nil node: an empty script or branch
}

// strict ends the script after a failure if set -e asks for it.
func (s *Shell) strict(err error) error {
	if err == nil && s.errexit && s.checked == 0 && s.status != 0 {
		return exitError{}
	}
	return err
}

// condition runs a node whose failure is an answer, not an error.
func (s *Shell) condition(n Node) (bool, error) {
	s.checked++
	defer func() { s.checked-- }()
	err := s.run(n)
	return s.status == 0, err
}

func (s *Shell) list(l *List) error {
	for _, item := range l.Items {
		if item.Background {
			s.background(item.Node)
			continue
		}
		if err := s.run(item.Node); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shell) andOr(n *AndOr) error {
	ok, err := s.condition(n.Left)
	if err != nil || ok != (n.Op == "&&") {
		return err
	}
	return s.run(n.Right)
}

func (s *Shell) ifClause(n *If) error {
	ok, err := s.condition(n.Cond)
	switch {
	case err != nil:
		return err
	case ok:
		return s.run(n.Then)
	}
	s.status = 0
	return s.run(n.Else)
}

func (s *Shell) loop(n *Loop) error {
	last := 0
	for {
		ok, err := s.condition(n.Cond)
		if err == nil && ok != n.Until {
			err = s.run(n.Body)
			last = s.status
		} else if err == nil {
			s.status = last
			return nil
		}
		if stop, err := leave(err); stop {
			return err
		}
	}
}

func (s *Shell) forClause(n *For) error {
	args, err := s.expandWords(n.Words)
	if err != nil {
		return err
	}
	s.status = 0
	for _, arg := range args {
		s.set(n.Name, arg)
		if stop, err := leave(s.run(n.Body)); stop {
			return err
		}
	}
	return nil
}

// leave decides what break and continue do to the loop around them.
func leave(err error) (stop bool, _ error) {
	var b breakError
	switch {
	case err == nil:
		return false, nil
	case !errors.As(err, &b):
		return true, err
	case b.depth > 1:
		return true, breakError{b.again, b.depth - 1}
	}
	return !b.again, nil
}

func (s *Shell) caseClause(n *Case) error {
	text, err := s.expandText(n.Word)
	if err != nil {
		return err
	}
	s.status = 0
	for _, arm := range n.Arms {
		for _, w := range arm.Patterns {
			pattern, err := s.expandPattern(w)
			if err != nil {
				return err
			}
			if ok, _ := path.Match(pattern, text); ok {
				return s.run(arm.Body)
			}
		}
	}
	return nil
}

func (s *Shell) redirected(n *Redirected) error {
	files, done, err := s.redirect(n.Redirects)
	if err != nil {
		return s.failed(err)
	}
	defer done()
	defer func(old descriptors) { s.files = old }(s.files)
	s.files = files
	return s.run(n.Body)
}

// failed reports an error that is the status of one command only, unless it is
// meant to end the script.
func (s *Shell) failed(err error) error {
	if errors.As(err, &fatalError{}) {
		return err
	}
	s.complain(err)
	s.status = 1
	return nil
}
