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
	Flags:  endFlags,
	Action: ending(runtime.Stop),
}
