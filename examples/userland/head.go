package main

import (
	"bufio"
	"io"
	"strconv"
)

func head(c *call) error {
	n, files, err := lineCount(c.args)
	if err != nil {
		return err
	}
	return c.eachInput(files, func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for i := 0; i < n && lines.Scan(); i++ {
			c.printf("%s\n", lines.Text())
		}
		return lines.Err()
	})
}

func tail(c *call) error {
	n, files, err := lineCount(c.args)
	if err != nil {
		return err
	}
	return c.eachInput(files, func(r io.Reader) error {
		var kept []string
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if kept = append(kept, lines.Text()); len(kept) > n {
				kept = kept[1:]
			}
		}
		for _, line := range kept {
			c.printf("%s\n", line)
		}
		return lines.Err()
	})
}

// lineCount reads -n LINES.
func lineCount(args []string) (int, []string, error) {
	o, files, err := parseOptions(args, "n:")
	if err != nil {
		return 0, nil, err
	}
	n, err := strconv.Atoi(o.or("n", "10"))
	if err != nil || n < 0 {
		return 0, nil, usage("-n %s is not a number of lines", o["n"])
	}
	return n, files, nil
}
