package main

import (
	"fmt"
	"os"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

var validateCommand = &cli.Command{
	Name:      "validate",
	Usage:     "tell what in a bundle's config.json would be refused or passed over",
	ArgsUsage: "BUNDLE",
	Description: "Prints one line a finding, with the JSON pointer of the setting; nothing if all is applied. " +
		"The status is 1 if mini would refuse to run it on this host, as root at least.",
	Action: func(c *cli.Context) error {
		if err := wantArgs(c, "BUNDLE"); err != nil {
			return err
		}
		b, err := bundle.Load(c.Args().First())
		if err != nil {
			return err
		}
		refused := printFindings(b)
		if refused == 0 {
			refused, err = planned(b)
		}
		if err == nil && refused > 0 {
			err = statusError(1)
		}
		return err
	},
}

func printFindings(b *bundle.Bundle) (refused int) {
	for _, w := range b.Warnings {
		fmt.Println(w)
	}
	for _, f := range bundle.Check(b.Spec) {
		fmt.Println(f)
		if f.Verdict == bundle.Refused {
			refused++
		}
	}
	return refused
}

// planned asks the packages that apply the settings: each validates its own.
func planned(b *bundle.Bundle) (refused int, err error) {
	facts, err := runtime.Probe()
	if err != nil {
		return 0, err
	}
	config := runtime.Config{ID: "validate", Root: os.TempDir(), Bundle: b.Dir, Spec: b.Spec, JSON: b.Raw}
	plan, why, err := preview(config, facts)
	if err != nil {
		fmt.Println("refused: " + err.Error())
		return 1, nil
	}
	if why != nil {
		fmt.Println("needs root: " + why.Error())
	}
	for _, w := range plan.Warnings {
		fmt.Println("warned: " + w.Field + ": " + w.Text)
	}
	return 0, nil
}
