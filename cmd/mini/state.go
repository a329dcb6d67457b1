package main

import (
	"encoding/json"
	"os"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var stateCommand = &cli.Command{
	Name:      "state",
	Usage:     "print the state of a container as JSON",
	ArgsUsage: "ID",
	Action: func(c *cli.Context) error {
		if err := wantArgs(c, "ID"); err != nil {
			return err
		}
		s, err := runtime.Inspect(c.String("root"), c.Args().First())
		if err != nil {
			return err
		}
		return printJSON(s)
	},
}

// printJSON writes v as people read it.
func printJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
