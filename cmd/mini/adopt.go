package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var adoptCommand = &cli.Command{
	Name:      "adopt",
	Usage:     "watch over a container again whose supervisor was killed",
	ArgsUsage: "ID",
	Description: "For containers of `run -d --on-supervisor-death adopt`. Their probes, restarts and logs go on; of a program " +
		"that ended meanwhile the exit status is not known, which counts as a failure. gc, each run, and each command that asks " +
		"a supervisor (wait, stop, restart, health, top, logs, attach) do the same by themselves.",
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Adopt(c.String("root"), id)
	},
}
