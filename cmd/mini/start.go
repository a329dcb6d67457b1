package main

import (
	"os"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var startCommand = &cli.Command{
	Name:      "start",
	Usage:     "run the program of a container that was created",
	ArgsUsage: "ID",
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Start(c.String("root"), name, os.Getenv("NOTIFY_SOCKET"), logOf(c).watch())
	},
}
