package main

import (
	"github.com/urfave/cli/v2"

	"mini/runtime"
)

var runCommand = &cli.Command{
	Name:         "run",
	Usage:        "run a container and exit as its program does",
	ArgsUsage:    "BUNDLE [-- CMD…]",
	Flags:        sourceFlags,
	OnUsageError: usageError,
	Action: func(c *cli.Context) error {
		plan, err := newPlan(c)
		if err != nil {
			return err
		}
		d, err := runtime.Run(plan, runtime.Watch{})
		if err != nil {
			return err
		}
		if d.Remarkable() {
			say(d.String())
		}
		return statusError(d.ExitStatus())
	},
}
