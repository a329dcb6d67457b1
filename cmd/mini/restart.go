package main

import (
	"time"

	"golang.org/x/sys/unix"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var restartCommand = &cli.Command{
	Name:      "restart",
	Usage:     "end a container's run as stop does, and begin another",
	ArgsUsage: "ID",
	Description: "For containers of `run -d`. The new run is made of the configuration as it was then, changed by update, on a fresh " +
		"overlay unless run --keep-overlay said otherwise; whatever the restart policy is, and counted against no limit. " +
		"One that has ended begins anew, with its old log. Returns when it runs.",
	Flags:  endFlags,
	Action: ending(runtime.Restart),
}

// endFlags say how a run is to end.
var endFlags = []cli.Flag{
	&cli.DurationFlag{Name: "grace", Aliases: []string{"time", "t"}, DefaultText: "as run --grace said, else 10s", Usage: "the time until SIGKILL"},
	&cli.StringFlag{Name: "signal", Aliases: []string{"s"}, Value: "TERM", Usage: "begin with `SIGNAL`"},
}

// ending reads them, and has end do it. A nil grace is the container's own.
func ending(end func(root, id string, sig unix.Signal, grace *time.Duration) error) func(*cli.Context) error {
	return func(c *cli.Context) error {
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
		return end(c.String("root"), id, unix.Signal(sig), grace)
	}
}
