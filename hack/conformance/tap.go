package main

import (
	"fmt"
	"strings"
)

// verdict is what one program said of one runtime.
type verdict struct {
	passed, failed []string // descriptions of its checks; a skipped one is in neither
	skipped        int
	complaint      bool // it named an error and made no check
	silent         bool // it said nothing at all, not even that it made no check
	status         int  // its exit status; what it was killed with is 128 and more
	timedOut       bool
}

// ok says that the runtime passes: the program came to its end and found nothing
// wrong.
func (v verdict) ok() bool {
	return v.status == 0 && !v.timedOut && len(v.failed) == 0 && !v.complaint && !v.silent
}

// String is the verdict in a cell of the table. A program that passes without a
// check of its own compares what hooks wrote, and says only that it made none.
func (v verdict) String() string {
	switch {
	case v.timedOut:
		return "time-out"
	case v.ok():
		return "ok"
	case len(v.passed)+len(v.failed) == 0 || len(v.failed) == 0:
		return "fails"
	}
	return fmt.Sprintf("%d/%d", len(v.passed), len(v.passed)+len(v.failed))
}

// parse reads the Test Anything Protocol as those programs print it:
//
//	ok 1 - what was checked
//	not ok 2 - what was checked
//	ok 3 # SKIP why
//	1..3
//
// and diagnostics between, indented. Some programs print no such line, only
// a diagnostic with an "error" if there is one.
func parse(text string) (v verdict) {
	named, plan := false, false
	for line := range strings.Lines(text) {
		result, description, found := strings.Cut(strings.TrimSpace(line), " - ")
		switch {
		case strings.HasPrefix(line, "ok ") && strings.Contains(line, "# SKIP"):
			v.skipped++
		case strings.HasPrefix(line, "ok "):
			v.passed = append(v.passed, describe(result, description, found))
		case strings.HasPrefix(line, "not ok "):
			v.failed = append(v.failed, describe(result, description, found))
		case strings.HasPrefix(line, "1.."):
			plan = true
		case strings.Contains(line, `"error":`):
			named = true
		}
	}
	checks := len(v.passed) + len(v.failed) + v.skipped
	v.complaint, v.silent = named && checks == 0, !plan && checks == 0
	return v
}

// describe returns the description, or the whole result where it has none.
func describe(result, description string, found bool) string {
	if !found {
		return result
	}
	return description
}
