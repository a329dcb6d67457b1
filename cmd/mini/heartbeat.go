package main

import (
	"errors"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

// heartbeatFlags say how the container is watched.
var heartbeatFlags = []cli.Flag{
	&cli.DurationFlag{Name: "timeout", Usage: "end the container after `DURATION`, with status 124"},
	&cli.DurationFlag{Name: "grace", Value: 10 * time.Second, Usage: "the time from SIGTERM to SIGKILL"},
	&cli.StringFlag{Name: "restart", Value: "no", Usage: "`POLICY`: no, on-failure[:N] or always"},
	&cli.StringFlag{Name: "health-cmd", Usage: "run `CMD` by the container's sh; status 0 is healthy; an unhealthy container is restarted"},
	&cli.DurationFlag{Name: "health-interval", Value: 30 * time.Second, Usage: "the time between two probes"},
	&cli.DurationFlag{Name: "health-timeout", Value: 30 * time.Second, Usage: "how long a probe may take"},
	&cli.IntFlag{Name: "health-retries", Value: 3, Usage: "how many failed probes in a row make it unhealthy"},
	&cli.DurationFlag{Name: "health-start-period", Usage: "failures do not count for so long after a start"},
}

// heartbeat reads the flags.
func heartbeat(c *cli.Context) (runtime.Heartbeat, error) {
	h := runtime.Heartbeat{
		Restart: c.String("restart"),
		Timeout: c.Duration("timeout"), Grace: c.Duration("grace"),
		Say: logOf(c).warn, Watch: watch(c),
	}
	if c.String("health-cmd") == "" {
		return h, lonely(c)
	}
	h.Check = &runtime.HealthCheck{
		Command:     []string{"/bin/sh", "-c", c.String("health-cmd")},
		Interval:    c.Duration("health-interval"),
		Timeout:     c.Duration("health-timeout"),
		StartPeriod: c.Duration("health-start-period"),
		Retries:     c.Int("health-retries"),
	}
	return h, nil
}

// lonely refuses a probe's settings without a probe: nothing is dropped in
// silence.
func lonely(c *cli.Context) error {
	for _, name := range []string{"health-interval", "health-timeout", "health-retries", "health-start-period"} {
		if c.IsSet(name) {
			return errors.New("--" + name + " has no meaning without --health-cmd")
		}
	}
	return nil
}
