package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var deleteCommand = &cli.Command{
	Name:      "delete",
	Usage:     "clear away a container that has stopped",
	ArgsUsage: "ID",
	Flags: []cli.Flag{
		&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "kill it first if it runs"},
	},
	Action: func(c *cli.Context) error {
		if err := wantArgs(c, "ID"); err != nil {
			return err
		}
		return runtime.Delete(c.String("root"), c.Args().First(), c.Bool("force"), logOf(c).warn)
	},
}
