package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/tell"
)

var eventsCommand = &cli.Command{
	Name:      "events",
	Usage:     "print what a container uses, and when its memory ran out, or with -f what becomes of it, a line of JSON each",
	ArgsUsage: "[ID]",
	Description: "With --follow or --since the lines are changes of state: started, healthy, died and so on, of one container or, " +
		"without ID, of all there are and will be. Following one ends with it. Only a supervisor tells of changes: of containers of run -d, " +
		"or of run with --restart, a health check, --on-event or the like. Of others nothing is told but that they were removed.",
	Flags: []cli.Flag{
		&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "print changes of state from now on"},
		&cli.StringFlag{Name: "since", Usage: "print the changes that were kept since `TIME`, or so long ago: 2026-01-02T15:04:05Z, 1767366245, 10m"},
		&cli.DurationFlag{Name: "interval", Value: 5 * time.Second, Usage: "the time between two lines of stats"},
		&cli.BoolFlag{Name: "stats", Usage: "print the stats once"},
	},
	Action: func(c *cli.Context) error {
		if c.Bool("follow") || c.IsSet("since") {
			return changes(c)
		}
		name, err := id(c)
		if err != nil {
			return err
		}
		out := json.NewEncoder(os.Stdout)
		emit := func(e runtime.Event) error { return out.Encode(e) }
		if c.Bool("stats") {
			return runtime.Stats(c.String("root"), name, emit)
		}
		interval := c.Duration("interval")
		if interval <= 0 {
			return fmt.Errorf("--interval %s: must be more than 0", interval)
		}
		return runtime.Events(c.String("root"), name, interval, emit)
	},
}

// changes prints what becomes of containers.
func changes(c *cli.Context) error {
	for _, flag := range []string{"stats", "interval"} {
		if c.IsSet(flag) {
			return errors.New("--" + flag + " has no meaning with --follow or --since")
		}
	}
	q := tell.Query{Root: c.String("root"), Follow: c.Bool("follow")}
	if c.NArg() > 0 {
		var err error
		if q.ID, err = id(c); err != nil {
			return err
		}
	}
	if c.IsSet("since") {
		var err error
		if q.Since, err = parseSince(c.String("since"), time.Now()); err != nil {
			return err
		}
	}
	return runtime.Follow(context.Background(), q, func(line []byte, _ tell.Event) error {
		_, err := os.Stdout.Write(append(line, '\n'))
		return err
	})
}

// parseSince reads a moment: as in RFC 3339, in seconds since 1970, or as the
// time that has passed since then.
func parseSince(text string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago != 0 {
		return now.Add(-ago), nil
	}
	if s, err := strconv.ParseInt(text, 10, 48); err == nil && s >= 0 {
		return time.Unix(s, 0), nil
	}
	return time.Time{}, fmt.Errorf("--since %s: want a time as 2026-01-02T15:04:05Z, seconds since 1970, or a duration as 10m", text)
}
