package main

import "strings"

func echo(c *call) error {
	args, end := c.args, "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	_, err := c.out.WriteString(strings.Join(args, " ") + end)
	return err
}
