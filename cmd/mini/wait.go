package main

import (
	"errors"
	"fmt"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/control"
)

var waitCommand = &cli.Command{
	Name:      "wait",
	Usage:     "wait until a container has ended, or is healthy, or can be used",
	ArgsUsage: "ID",
	Description: "For exit: prints the program's exit status, and has it as its own, as `mini run` would have had: 128+n if signal n " +
		"killed it; 124 after run --timeout. A container without a supervisor of its own tells its end, but not the status: nothing is printed, " +
		"and the status is 0; 125 if the supervisor of a container of run -d was killed. For started, healthy or ready: prints nothing; status 125 if the container ends before. " +
		"Without a health check it is healthy as soon as it runs. Status 124 when --timeout is over.",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "for", Value: "exit", Usage: "`WHAT`: exit, started, healthy or ready"},
		&cli.DurationFlag{Name: "timeout", Usage: "wait no longer than `DURATION`"},
	},
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		goal, err := control.ParseGoal(c.String("for"))
		if err != nil {
			return fmt.Errorf("--for: %w", err)
		}
		r, err := runtime.Wait(c.String("root"), id, goal, c.Duration("timeout"))
		if errors.Is(err, runtime.ErrTooLate) {
			logOf(c).warn(err.Error())
			return statusError(exitTimeout)
		}
		if err != nil || goal != control.Exit {
			return err
		}
		if r.Status == runtime.Unknown {
			logOf(c).warn(id + " has ended; only a supervisor (run -d) would know its exit status")
			return nil
		}
		if r.Status != 0 && r.Death != "" {
			logOf(c).warn(r.Death)
		}
		fmt.Println(r.Status)
		return statusError(r.Status)
	},
}
