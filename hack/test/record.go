package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A campaign is one line of the table: a target, and how much it has been run.
type campaign struct {
	target                           string
	seconds, executions, news, finds int
}

// status is how the fuzzer of go test says how far it is; each line replaces the one before.
var status = regexp.MustCompile(`(?m)^fuzz: elapsed: \S+, execs: (\d+) \(\d+/sec\), new interesting: (\d+) `)

// hear adds what a round of the fuzzer said last.
func (c *campaign) hear(out string) {
	all := status.FindAllStringSubmatch(out, -1)
	if len(all) == 0 {
		return
	}
	last := all[len(all)-1]
	executions, _ := strconv.Atoi(last[1])
	news, _ := strconv.Atoi(last[2])
	c.executions += executions
	c.news += news
}

// row is a campaign in the table; readRow the way back.
func (c campaign) row() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d |\n", c.target, c.seconds, c.executions, c.news, c.finds)
}

func readRow(line string) (c campaign, ok bool) {
	cells := strings.Split(strings.Trim(line, "| \n"), " | ")
	if len(cells) != 5 {
		return c, false
	}
	c.target = cells[0]
	for i, n := range []*int{&c.seconds, &c.executions, &c.news, &c.finds} {
		var err error
		if *n, err = strconv.Atoi(cells[i+1]); err != nil {
			return c, false
		}
	}
	return c, true
}

func (c campaign) plus(d campaign) campaign {
	return campaign{c.target, c.seconds + d.seconds, c.executions + d.executions, c.news + d.news, c.finds + d.finds}
}

const tableHead = "| target | seconds | executions | new inputs | finds |\n|---|---|---|---|---|\n"

// enter adds a campaign to what the page has of its target. The text around
// the table stays; a page that is not there begins with the table.
func enter(page string, c campaign) error {
	text, err := os.ReadFile(page)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte(tableHead), nil
	}
	if err != nil {
		return err
	}
	lines, last := slices.Collect(strings.Lines(string(text))), -1
	for i, line := range lines {
		before, ok := readRow(line)
		if ok && before.target == c.target {
			lines[i] = before.plus(c).row()
			return os.WriteFile(page, []byte(strings.Join(lines, "")), 0o644)
		}
		if ok || strings.HasPrefix(line, "|---") {
			last = i
		}
	}
	if last < 0 {
		return fmt.Errorf("%s has no table", page)
	}
	lines = slices.Insert(lines, last+1, c.row())
	return os.WriteFile(page, []byte(strings.Join(lines, "")), 0o644)
}
