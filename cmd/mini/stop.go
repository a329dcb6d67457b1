package main

import (
	"time"

	"golang.org/x/sys/unix"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var stopCommand = &cli.Command{
	Name:      "stop",
	Usage:     "end a container for good: SIGTERM, a time of grace, SIGKILL",
	ArgsUsage: "ID",
	Description: "Returns when it has ended; its supervisor does not restart it. One that was started by `run -d` " +
		"stays to be looked at until `mini delete`.",
	Flags: []cli.Flag{
		&cli.DurationFlag{Name: "grace", Aliases: []string{"t"}, DefaultText: "as run --grace said, else 10s", Usage: "the time until SIGKILL"},
		&cli.StringFlag{Name: "signal", Aliases: []string{"s"}, Value: "TERM", Usage: "begin with `SIGNAL`"},
	},
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		sig, err := parseSignal(c.String("signal"))
		if err != nil {
			return err
		}
		var grace *time.Duration
		if c.IsSet("grace") {
			d := c.Duration("grace")
			grace = &d
		}
		return runtime.Stop(c.String("root"), id, unix.Signal(sig), grace)
	},
}
