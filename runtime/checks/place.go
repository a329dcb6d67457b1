package checks

import "fmt"

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
