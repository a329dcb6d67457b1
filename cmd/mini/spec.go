package main

import (
	"fmt"
	"os"
	"path/filepath"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

var specCommand = &cli.Command{
	Name:  "spec",
	Usage: "write a config.json that is safe by default",
	Description: "All namespaces but time, root mapped to an unprivileged id of the host, seccomp, " +
		"no new privileges and few capabilities. " +
		"For an ordinary user, root is mapped to the user, and other ids as /etc/subuid grants.",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "bundle", Aliases: []string{"b"}, Value: ".", Usage: "write `DIR`/config.json, which must not exist; -: to stdout"},
		&cli.BoolFlag{Name: "rootless", Usage: "for the ids of whoever calls: what an ordinary user gets in any case"},
	},
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		facts, err := runtime.Probe()
		if err != nil {
			return err
		}
		text, err := bundle.Encode(defaultSpec(facts, c.Bool("rootless") || facts.Rootless(), 0))
		if err != nil {
			return err
		}
		if c.String("bundle") == "-" {
			_, err = os.Stdout.Write(text)
			return err
		}
		return writeNew(filepath.Join(c.String("bundle"), bundle.ConfigName), text)
	},
}

// writeNew refuses to overwrite: a configuration is somebody's work.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}
