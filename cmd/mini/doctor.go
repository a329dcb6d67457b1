package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var doctorCommand = &cli.Command{
	Name:  "doctor",
	Usage: "tell what this host can do for containers, and what it lacks",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "format", Value: "text", Usage: "`text` or json"},
	},
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		facts, err := runtime.Probe()
		if err != nil {
			return err
		}
		checks := runtime.Doctor(facts)
		if c.String("format") == "json" {
			return printJSON(checks)
		}
		return printChecks(checks)
	},
}

// printChecks ends with status 1 if something is missing without which
// nothing runs.
func printChecks(checks []runtime.Check) error {
	w := tabwriter.NewWriter(os.Stdout, 8, 1, 2, ' ', 0)
	var err error
	for _, c := range checks {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Verdict, c.Name, c.Text)
		if c.Fix != "" {
			fmt.Fprintf(w, "\t\tfix: %s\n", c.Fix)
		}
		if c.Verdict == "missing" {
			err = statusError(1)
		}
	}
	if flush := w.Flush(); flush != nil {
		return flush
	}
	return err
}
