package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// varies is the result of a program that passes or fails by chance.
const varies = "varies"

// known is one line of known.txt: a program that fails with our runtime, what
// the table shows for it, and why.
type known struct {
	program, result, why string
}

// readKnown reads lines of a program, its result and the reason, apart by blanks.
// Empty lines and those that begin with # say nothing.
func readKnown(r io.Reader) (map[string]known, error) {
	all := map[string]known{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		program, rest, _ := strings.Cut(line, " ")
		result, why, _ := strings.Cut(strings.TrimSpace(rest), " ")
		why = strings.TrimSpace(why)
		if _, twice := all[program]; twice || why == "" {
			return nil, fmt.Errorf("line %d: want a program once, its result and a reason: %s", n, line)
		}
		all[program] = known{program, result, why}
	}
	return all, lines.Err()
}

// compare says what is wrong with a verdict, "" if the list tells the truth.
func compare(v verdict, k known) string {
	listed := k.program != ""
	switch {
	case k.result == varies:
		return ""
	case v.ok() && listed:
		return "passes: take it out of known.txt"
	case !v.ok() && !listed:
		return "fails and is not in known.txt"
	case listed && k.result != v.String():
		return "known.txt says " + k.result
	}
	return ""
}
