package main

import (
	"errors"
	"fmt"
	"os"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var gcCommand = &cli.Command{
	Name:  "gc",
	Usage: "clear away what killed mini processes left behind",
	Description: "Undoes the journalled steps of every container whose supervisor is gone, and removes empty cgroups of exec. " +
		"Each `mini run` does the same by itself.",
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		cleared, err := runtime.GC(c.String("root"), logOf(c).warn)
		for _, id := range cleared {
			fmt.Fprintln(os.Stderr, "mini: cleared away "+id)
		}
		return errors.Join(err, runtime.Sweep(c.String("root")))
	},
}
