package main

import (
	"testing"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

// TestRestartDefaults: what holds for who says nothing, the limit of systemd.unit(5)
// among it.
func TestRestartDefaults(t *testing.T) {
	var got runtime.Restarts
	command := &cli.Command{Name: "run", Flags: restartFlags, Action: func(c *cli.Context) error {
		got = restarts(c)
		return nil
	}}
	if err := (&cli.App{Name: "mini", Commands: []*cli.Command{command}}).Run([]string{"mini", "run"}); err != nil {
		t.Fatal(err)
	}
	want := runtime.Restarts{
		Policy: "no", Delay: 100 * time.Millisecond, Factor: 2, Max: time.Minute, Jitter: 0.1,
		Settled: 10 * time.Second, Limit: "5/10s",
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
