package main

import (
	"time"

	"mini/cmd/mini/cli"

	"mini/runtime"
)

// restartFlags say what follows the end of a run.
var restartFlags = []cli.Flag{
	&cli.StringFlag{Name: "restart", Value: "no", Usage: "`POLICY`: no, on-failure[:N], always or unless-stopped"},
	&cli.StringFlag{Name: "restart-on", Usage: "also restart after these `ENDS`, statuses and signals: 3,75,SIGHUP"},
	&cli.StringFlag{Name: "restart-never-on", Usage: "never restart after these `ENDS`, whatever the policy"},
	&cli.DurationFlag{Name: "restart-delay", Value: 100 * time.Millisecond, Usage: "wait so long before the first restart"},
	&cli.FloatFlag{Name: "restart-delay-factor", Value: 2, Usage: "each wait is `N` times as long as the last"},
	&cli.DurationFlag{Name: "restart-delay-max", Value: time.Minute, Usage: "the longest wait"},
	&cli.FloatFlag{Name: "restart-delay-jitter", Value: 0.1, Usage: "the `PART` of a wait, 0 to 1, that chance may take off"},
	&cli.DurationFlag{Name: "restart-settled", Value: 10 * time.Second, Usage: "healthy for so long, the waits begin anew"},
	&cli.StringFlag{Name: "start-limit", Value: "5/10s", Usage: "failed after `N/TIME`: so many starts in so long, as systemd counts; none for no limit"},
}

func restarts(c *cli.Context) runtime.Restarts {
	return runtime.Restarts{
		Policy: c.String("restart"), On: c.String("restart-on"), Never: c.String("restart-never-on"),
		Delay: c.Duration("restart-delay"), Factor: c.Float("restart-delay-factor"),
		Max: c.Duration("restart-delay-max"), Jitter: c.Float("restart-delay-jitter"),
		Settled: c.Duration("restart-settled"), Limit: c.String("start-limit"),
	}
}
