package main

import (
	"github.com/urfave/cli/v2"

	"mini/runtime"
)

var pauseCommand = &cli.Command{
	Name:         "pause",
	Usage:        "stop all processes of a container where they are",
	ArgsUsage:    "ID",
	OnUsageError: usageError,
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Pause(c.String("root"), name)
	},
}
