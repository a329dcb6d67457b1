package main

import (
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// env prints the environment or executes a program with more of it.
func env(c *call) error {
	args := c.args
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
	path, err := exec.LookPath(args[0])
	if err != nil {
		c.complain(err)
		return status(127)
	}
	c.complain(&os.PathError{Op: "exec", Path: path, Err: unix.Exec(path, args, os.Environ())})
	return status(126)
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
