package main

import (
	"errors"
	"slices"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var runCommand = &cli.Command{
	Name:      "run",
	Usage:     "run a container and exit as its program does",
	ArgsUsage: "BUNDLE [-- CMD…]",
	Description: "Also: run --rootfs DIR [-- CMD…], without a bundle; run -b BUNDLE ID, the OCI form.\n" +
		"Exit status: the program's own; 128+n if signal n killed it; 124 after --timeout; 125 if mini failed; " +
		"126 if the program could not be executed; 127 if it was not found. With -d these are for a program that cannot " +
		"be started; what comes later is told by wait, logs, state and attach, until delete.",
	More: func() []cli.Flag {
		return slices.Concat(sourceFlags, heartbeatFlags(), watchFlags, engineFlags, containerFlags, waitForFlags, detachFlags, keepFlag)
	},
	Action: func(c *cli.Context) error {
		config, facts, err := configure(c)
		if err != nil {
			return err
		}
		if err := engine(c, &config); err != nil {
			return err
		}
		if config.Keep, err = keep(c); err != nil {
			return err
		}
		beat, err := heartbeat(c, &config)
		if err != nil {
			return err
		}
		if err := keepOverlay(c, &config, beat.Watched()); err != nil {
			return err
		}
		if err := waitFor(c); err != nil {
			return err
		}
		switch {
		case c.Bool("detach") && !c.IsSet("bundle"):
			return detach(c, config, facts, beat)
		case c.Bool("detach"):
			return leave(c, config, facts)
		}
		if err := unwatched(c); err != nil {
			return err
		}
		config.Attached = true
		if !beat.Watched() { // else mini itself is who the manager hears of
			if err := notify(&config); err != nil {
				return err
			}
		}
		death, err := runtime.Run(config, facts, beat)
		var late runtime.TimedOut
		if errors.As(err, &late) {
			return statusError(exitTimeout)
		}
		if err != nil {
			return err
		}
		return statusError(death.ExitStatus())
	},
}

// keepFlag is runc's.
var keepFlag = []cli.Flag{&cli.BoolFlag{Name: "keep", Usage: "do not delete the container when it has ended"}}

// keep says whether the container is to be there when it has ended. One that is
// detached is in any case.
func keep(c *cli.Context) (bool, error) {
	for _, other := range []string{"rm", "restart"} {
		if c.Bool("keep") && c.IsSet(other) {
			return false, errors.New("--keep has no meaning with --" + other)
		}
	}
	return c.Bool("keep") && !c.Bool("detach"), nil
}

// leave is create and start, as engines do them: nobody stays who could watch.
func leave(c *cli.Context, config runtime.Config, facts runtime.Facts) error {
	if err := unwatched(c); err != nil {
		return err
	}
	if c.Bool("rm") {
		return errors.New("--rm: in the OCI form nobody stays who could; see mini delete")
	}
	if err := alone(c, config.Spec.Annotations); err != nil {
		return err
	}
	notified(&config)
	config.Supervised = false
	return runtime.LeaveRunning(config, facts, logOf(c).watch())
}
