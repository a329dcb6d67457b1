package main

import (
	"os"
	"os/exec"
	"strings"
)

// env prints the environment or executes a program with more of it, or with nothing
// else.
func env(c *call) error {
	o, args, err := parseOptions(c.args, "i")
	if err != nil {
		return err
	}
	if o.has("i") {
		os.Clearenv()
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		name, value, _ := strings.Cut(args[0], "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
		args = args[1:]
	}
	if len(args) == 0 {
		for _, e := range os.Environ() {
			c.printf("%s\n", e)
		}
		return nil
	}
	return c.exec(args)
}

func which(c *call) error {
	failed := false
	for _, name := range c.args {
		path, err := exec.LookPath(name)
		if err != nil {
			c.complain(err)
			failed = true
			continue
		}
		c.printf("%s\n", path)
	}
	return failedIf(failed)
}
