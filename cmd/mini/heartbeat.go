package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"mini/health"
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

// The waits between restarts: 100 ms, doubled each time up to a minute; after
// ten healthy seconds they begin anew.
var backoff = health.Backoff{Base: 100 * time.Millisecond, Factor: 2, Cap: time.Minute, Jitter: 0.1}

const settled = 10 * time.Second

// heartbeat reads the flags.
func heartbeat(c *cli.Context) (runtime.Heartbeat, error) {
	h := runtime.Heartbeat{Timeout: c.Duration("timeout"), Grace: c.Duration("grace")}
	policy, err := health.ParsePolicy(c.String("restart"))
	if err != nil {
		return h, err
	}
	h.Health = health.Config{Restart: policy, Backoff: backoff, Settled: settled}
	if c.String("health-cmd") == "" {
		return h, lonely(c)
	}
	h.Command = []string{"/bin/sh", "-c", c.String("health-cmd")}
	h.Health.Interval = c.Duration("health-interval")
	h.Health.Timeout = c.Duration("health-timeout")
	h.Health.StartPeriod = c.Duration("health-start-period")
	h.Health.Retries = c.Int("health-retries")
	if h.Health.Interval <= 0 {
		return h, errors.New("--health-interval must be more than 0")
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
