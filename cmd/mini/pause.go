package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var pauseCommand = &cli.Command{
	Name:      "pause",
	Usage:     "stop all processes of a container where they are",
	ArgsUsage: "ID",
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Pause(c.String("root"), name)
	},
}
