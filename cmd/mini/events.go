package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var eventsCommand = &cli.Command{
	Name:      "events",
	Usage:     "print what a container uses, and when its memory ran out, a line of JSON each",
	ArgsUsage: "ID",
	Flags: []cli.Flag{
		&cli.DurationFlag{Name: "interval", Value: 5 * time.Second, Usage: "the time between two lines of stats"},
		&cli.BoolFlag{Name: "stats", Usage: "print the stats once"},
	},
	Action: func(c *cli.Context) error {
		name, err := id(c)
		if err != nil {
			return err
		}
		out := json.NewEncoder(os.Stdout)
		emit := func(e runtime.Event) error { return out.Encode(e) }
		if c.Bool("stats") {
			return runtime.Stats(c.String("root"), name, emit)
		}
		interval := c.Duration("interval")
		if interval <= 0 {
			return fmt.Errorf("--interval %s: must be more than 0", interval)
		}
		return runtime.Events(c.String("root"), name, interval, emit)
	},
}
