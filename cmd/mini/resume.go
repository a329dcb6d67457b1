package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var resumeCommand = &cli.Command{
	Name:      "resume",
	Usage:     "let the processes of a paused container go on",
	ArgsUsage: "ID",
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		return runtime.Resume(c.String("root"), name)
	},
}
