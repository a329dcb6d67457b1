package checks

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An Error is a setting that cannot be used.
type Error struct {
	// Line and Column are from 1; both are 0 for an annotation, and for what was
	// never text.
	Line, Column int
	Field        string // JSON pointer: /checks/0/http/url, or /annotations/run.mini.health.web.http.url
	Err          error
}

// Error has the place in front, for a file's name to be put before it:
// FILE:3:14: /checks/0/http/url: …
func (e *Error) Error() string {
	text := e.Err.Error()
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", e.Line, e.Column, text)
	}
	return text
}

func (e *Error) Unwrap() error   { return e.Err }
func (e *Error) Pointer() string { return e.Field }

// fail makes an error about the node.
func (n *node) fail(format string, args ...any) *Error {
	e := &Error{Field: n.pointer, Err: fmt.Errorf(format, args...)}
	if n.place != nil {
		e.Line, e.Column = n.place.position(n.offset)
	}
	return e
}

// find follows a pointer as far as there are nodes, and returns the last of them
// with what is left of the pointer.
func (n *node) find(pointer string) (*node, string) {
	first, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	for i, below := range n.below {
		if n.kind == list && strconv.Itoa(i) == first || n.kind == object && escape(n.keys[i]) == first {
			if !more {
				return below, ""
			}
			return below.find("/" + rest)
		}
	}
	return n, pointer
}

// locate puts an error about the Spec that was made of the tree at its place in
// the text.
func (n *node) locate(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	at, rest := n.find(e.Field)
	if at.place == nil { // an annotation has dots
		rest = strings.ReplaceAll(rest, "/", ".")
	}
	located := at.fail("%w", e.Err)
	located.Field += rest
	return located
}

// fail makes an error about a setting of a Spec.
func fail(field, format string, args ...any) *Error {
	return &Error{Field: field, Err: fmt.Errorf(format, args...)}
}

// below puts an error about a part of a setting under that setting.
func below(field string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return &Error{Field: field + e.Field, Err: e.Err}
	}
	return err
}
