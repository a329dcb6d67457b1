package main

import (
	"mini/cmd/mini/cli"
	"mini/runtime"
)

var featuresCommand = &cli.Command{
	Name:  "features",
	Usage: "print what this mini can do, as JSON (runtime-spec, features.md)",
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		f := runtime.Features()
		f.Annotations = map[string]string{"mini.version": version()}
		return printJSON(f)
	},
}
