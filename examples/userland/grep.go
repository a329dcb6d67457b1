package main

import (
	"bufio"
	"io"
	"regexp"
)

// grep has the regular expressions of Go. Its status is 1 if no line matched.
func grep(c *call) error {
	o, args, err := parseOptions(c.args, "i", "v", "c", "q", "n")
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usage("no pattern")
	}
	pattern := args[0]
	if o.has("i") {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return usage("%v", err)
	}
	found := 0
	err = c.eachInput(args[1:], func(r io.Reader) error {
		return c.matches(r, o, func(line string) bool { return re.MatchString(line) != o.has("v") }, &found)
	})
	if o.has("c") {
		c.printf("%d\n", found)
	}
	if err == nil {
		err = failedIf(found == 0)
	}
	return err
}

// matches prints the lines that match and adds to found.
func (c *call) matches(r io.Reader, o options, match func(string) bool, found *int) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if !match(lines.Text()) {
			continue
		}
		*found++
		switch {
		case o.has("q") || o.has("c"):
		case o.has("n"):
			c.printf("%d:%s\n", n, lines.Text())
		default:
			c.printf("%s\n", lines.Text())
		}
	}
	return lines.Err()
}
