package main

import (
	"fmt"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var healthCommand = &cli.Command{
	Name:      "health",
	Usage:     "tell how a container of run -d is: its state, its last probes, what it uses",
	ArgsUsage: "ID",
	Description: "The last five results of each check, with what they wrote; restarts; how the run before ended. One that has " +
		"ended for good is remembered until delete.\n" +
		"Exit status: 0 if it is healthy; 1 if it is not: starting, unhealthy, between two runs, or ended; 125 if that cannot be known.",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM`: text or json"},
	},
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		form := c.String("format")
		if form != "text" && form != "json" {
			return fmt.Errorf("no such format: %q (text, json)", form)
		}
		v, err := runtime.Examine(c.String("root"), id)
		if err != nil {
			return err
		}
		if form == "json" {
			err = printJSON(v)
		} else {
			for _, line := range v.Lines(time.Now()) {
				fmt.Println(line)
			}
		}
		if err == nil && !v.Healthy() {
			err = statusError(1)
		}
		return err
	},
}
