package main

import (
	"github.com/urfave/cli/v2"

	"mini/runtime"
)

var resumeCommand = &cli.Command{
	Name:         "resume",
	Usage:        "let the processes of a paused container go on",
	ArgsUsage:    "ID",
	OnUsageError: usageError,
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Resume(c.String("root"), name)
	},
}
