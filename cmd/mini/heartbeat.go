package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/checks"
)

// heartbeatFlags say how the container is watched.
func heartbeatFlags() []cli.Flag {
	return slices.Concat(timeFlags, restartFlags, probeFlags, tellFlags)
}

var timeFlags = []cli.Flag{
	&cli.DurationFlag{Name: "timeout", Usage: "end the container after `DURATION`, with status 124"},
	&cli.DurationFlag{Name: "grace", Value: 10 * time.Second, Usage: "the time from SIGTERM to SIGKILL"},
}

// heartbeat reads the flags. The configuration is the container's: its
// annotations may have checks.
func heartbeat(c *cli.Context, config *runtime.Config) (runtime.Heartbeat, error) {
	h := runtime.Heartbeat{
		Timeout: c.Duration("timeout"), Grace: c.Duration("grace"),
		Restart: restarts(c), Tell: telling(c),
		Say: logOf(c).warn, Watch: watch(c),
	}
	var err error
	h.Checks, err = probes(c, config.Spec.Annotations)
	return h, err
}

// alone refuses what needs somebody who stays, where nobody does.
func alone(c *cli.Context, annotations map[string]string) error {
	for _, f := range heartbeatFlags() {
		if name := cli.NameOf(f); c.IsSet(name) {
			return errors.New("--" + name + " needs a mini that stays to watch: the OCI form with -d has none")
		}
	}
	unheard(c, annotations)
	return nil
}

// unheard warns of checks that nobody will make: an engine may have passed on
// their annotations.
func unheard(c *cli.Context, annotations map[string]string) {
	for name := range annotations {
		if strings.HasPrefix(name, checks.Annotation) {
			logOf(c).warn("warning: nobody stays to make this check: only mini run, in the foreground or without -b, does [/annotations/" + name + "]")
			return
		}
	}
}
