package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

// chooseRoot finds out where the state is if nobody said so.
func chooseRoot(c *cli.Context) error {
	if c.IsSet("root") {
		return nil
	}
	root, err := runtime.DefaultRoot()
	if err != nil {
		return err
	}
	return c.Set("root", root)
}
