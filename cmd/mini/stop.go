package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var stopCommand = &cli.Command{
	Name:      "stop",
	Usage:     "end a container for good: SIGTERM, a time of grace, SIGKILL",
	ArgsUsage: "ID",
	Description: "Returns when it has ended; its supervisor does not restart it. One that was started by `run -d` " +
		"stays to be looked at until `mini delete`.",
	Flags: endFlags,
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		sig, grace, err := ending(c)
		if err != nil {
			return err
		}
		return runtime.Stop(c.String("root"), id, sig, grace)
	},
}
