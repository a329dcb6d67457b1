package main

import (
	"fmt"
	"strings"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/control"
)

// waitForFlags let a container come after others.
var waitForFlags = []cli.Flag{
	&cli.StringSliceFlag{Name: "wait-for", Usage: "start when container `ID:WHAT[:TIMEOUT]` is: started, healthy, ready, or exit for ended, with whatever status; may be repeated"},
	&cli.BoolFlag{Name: "keep-overlay", Usage: "a restart goes on with what the run before has changed of the root"},
}

// awaited is one of --wait-for.
type awaited struct {
	id      string
	goal    control.Goal
	timeout time.Duration // 0: none
}

func parseWaitFor(s string) (a awaited, err error) {
	id, rest, ok := strings.Cut(s, ":")
	what, limit, limited := strings.Cut(rest, ":")
	if !ok || id == "" {
		return a, fmt.Errorf("--wait-for %s: ID:WHAT, such as db:healthy", s)
	}
	a.id = id
	if a.goal, err = control.ParseGoal(what); err != nil {
		return a, fmt.Errorf("--wait-for %s: %w", s, err)
	}
	if limited {
		a.timeout, err = time.ParseDuration(limit)
		if err != nil || a.timeout <= 0 {
			return a, fmt.Errorf("--wait-for %s: %q is not a time such as 30s", s, limit)
		}
	}
	return a, nil
}

// waitFor returns when all that is to be there is there.
func waitFor(c *cli.Context) error {
	var all []awaited
	for _, s := range c.StringSlice("wait-for") {
		a, err := parseWaitFor(s)
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	for _, a := range all {
		if _, err := runtime.Wait(c.String("root"), a.id, a.goal, a.timeout); err != nil {
			return fmt.Errorf("--wait-for %s:%s: %w", a.id, a.goal, err)
		}
	}
	return nil
}
