package main

import (
	"os"
	"path/filepath"

	"mini/cmd/mini/cli"

	"mini/runtime/tell"
)

// tellFlags say who is told what becomes of the container.
var tellFlags = []cli.Flag{
	&cli.StringFlag{Name: "on-event", Usage: "run `CMD` by sh at each change, here and not in the container: MINI_EVENT, MINI_ID and MINI_STATE are set, the event is on stdin"},
	&cli.DurationFlag{Name: "on-event-timeout", Value: tell.DefaultTimeout, Usage: "kill that command after `DURATION`"},
	&cli.StringFlag{Name: "webhook", Usage: "POST each event to `URL`: http://HOST[:PORT]/PATH or unix:/SOCKET[:/PATH]"},
	&cli.StringFlag{Name: "metrics-file", Usage: "write numbers to `FILE`, as Prometheus reads them"},
	&cli.DurationFlag{Name: "metrics-interval", Value: tell.DefaultInterval, Usage: "write that file after `DURATION` even if nothing has happened"},
	&cli.StringFlag{Name: "metrics-listen", Usage: "answer GET /metrics at `ADDR`: HOST:PORT, :PORT or unix:/SOCKET"},
}

func telling(c *cli.Context) tell.Settings {
	s := tell.Settings{
		OnEventTimeout: c.Duration("on-event-timeout"),
		Webhook:        c.String("webhook"),
		MetricsFile:    c.String("metrics-file"), MetricsInterval: c.Duration("metrics-interval"),
		MetricsListen: c.String("metrics-listen"),
	}
	if cmd := c.String("on-event"); cmd != "" {
		s.OnEvent = []string{"/bin/sh", "-c", cmd}
	}
	// Told by a process that is somewhere else.
	if dir, err := os.Getwd(); err == nil {
		s.OnEventDir = dir
		if s.MetricsFile != "" && !filepath.IsAbs(s.MetricsFile) {
			s.MetricsFile = filepath.Join(dir, s.MetricsFile)
		}
	}
	return s
}
