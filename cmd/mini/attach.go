package main

import (
	"errors"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var attachCommand = &cli.Command{
	Name:      "attach",
	Usage:     "join this terminal to a container that was started by run -d",
	ArgsUsage: "ID",
	Description: "Ends with the container, and has its exit status. ctrl-p ctrl-q leaves it running, as does a signal to this " +
		"process; the status is 0 then. Several may be attached at once. A program without a terminal can only be watched.",
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		r, err := runtime.Attach(c.String("root"), id)
		if errors.Is(err, runtime.ErrDetached) {
			logOf(c).warn("detached from " + id + ", which runs on")
			return nil
		}
		if err != nil {
			return err
		}
		return statusError(r.Status)
	},
}
