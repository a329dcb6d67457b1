package main

import "os"

// args prints argv and the environment, for tests of what a program is given.
func args(c *call) error {
	for _, arg := range c.args {
		c.printf("arg %s\n", arg)
	}
	for _, e := range os.Environ() {
		c.printf("env %s\n", e)
	}
	return nil
}
