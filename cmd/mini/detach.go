package main

import (
	"errors"
	"fmt"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
	"mini/runtime/logs"
)

// detachFlags are those of run -d, in the forms that have a supervisor.
var detachFlags = []cli.Flag{
	&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "print the id and return when the program runs; a process of its own watches it. " +
		"With -b, the OCI form, nobody does"},
	&cli.BoolFlag{Name: "rm", Usage: "with -d: forget the container, its log and its exit status when it has ended; without, that is so in any case"},
	&cli.StringFlag{Name: "on-supervisor-death", Value: "kill", Usage: "with -d: `WHAT` happens if the process that watches it is killed: kill, it dies too; " +
		"adopt, it runs on until the next mini gives it another"},
	&cli.StringFlag{Name: "log-max-size", Value: "10m", Usage: "with -d: begin a new log file after `BYTES`, or with k, m, g"},
	&cli.IntFlag{Name: "log-max-files", Value: 3, Usage: "with -d: keep the newest `N` log files"},
}

// detach leaves the container to a supervisor.
func detach(c *cli.Context, config runtime.Config, facts runtime.Facts, beat runtime.Heartbeat) error {
	if config.Fds > 0 {
		return errors.New("-d cannot hand on descriptors (--preserve-fds, LISTEN_FDS): use the OCI form, run -d -b BUNDLE ID")
	}
	d, err := detachment(c)
	if err != nil {
		return err
	}
	if err := runtime.Detach(config, facts, beat, d); err != nil {
		return err
	}
	fmt.Println(config.ID)
	return nil
}

func detachment(c *cli.Context) (runtime.Detachment, error) {
	size, err := bundle.ParseSize(c.String("log-max-size"))
	if err != nil {
		return runtime.Detachment{}, fmt.Errorf("--log-max-size: %w", err)
	}
	what := c.String("on-supervisor-death")
	if what != "kill" && what != "adopt" {
		return runtime.Detachment{}, fmt.Errorf("--on-supervisor-death %s: kill or adopt", what)
	}
	return runtime.Detachment{
		Logs:   logs.Limits{Size: size, Files: c.Int("log-max-files")},
		Remove: c.Bool("rm"),
		Adopt:  what == "adopt",
	}, nil
}

// unwatched refuses the flags that have no meaning without a supervisor of
// its own.
func unwatched(c *cli.Context) error {
	for _, name := range []string{"on-supervisor-death", "log-max-size", "log-max-files"} {
		if c.IsSet(name) {
			return errors.New("--" + name + " needs -d, and not the OCI form")
		}
	}
	return nil
}
