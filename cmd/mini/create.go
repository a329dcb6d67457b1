package main

import (
	"slices"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var createCommand = &cli.Command{
	Name:      "create",
	Usage:     "make a container of a bundle, up to the point where its program would run",
	ArgsUsage: "ID",
	Description: "The container then waits for `mini start`, and lives on by itself. " +
		"root.path is used as it is: without an overlay, as engines expect it.",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "bundle", Aliases: []string{"b"}, Usage: "the `BUNDLE`; the working directory if not given"},
	},
	More: func() []cli.Flag { return slices.Concat(engineFlags, containerFlags) },
	Action: func(c *cli.Context) error {
		config, facts, err := container(c)
		if err != nil {
			return err
		}
		return runtime.Leave(config, facts, logOf(c).watch())
	},
}
