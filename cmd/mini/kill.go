package main

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var killCommand = &cli.Command{
	Name:      "kill",
	Usage:     "send a signal to the first process of a container",
	ArgsUsage: "ID [SIGNAL]",
	Flags: []cli.Flag{
		&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "send it to all processes of the container"},
	},
	Action: func(c *cli.Context) error {
		name := "TERM"
		switch c.NArg() {
		case 2:
			name = c.Args().Get(1)
		case 1:
		default:
			return wantArgs(c, "ID", "[SIGNAL]")
		}
		sig, err := parseSignal(name)
		if err != nil {
			return err
		}
		return runtime.Kill(c.String("root"), c.Args().First(), sig, c.Bool("all"))
	},
}

// parseSignal reads TERM, SIGTERM, sigterm or 15.
func parseSignal(s string) (unix.Signal, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 0 || n > 64 {
			return 0, fmt.Errorf("no such signal: %d (0 to 64, see kill -l)", n)
		}
		return unix.Signal(n), nil
	}
	name := strings.ToUpper(s)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	sig := unix.SignalNum(name)
	if sig == 0 {
		return 0, fmt.Errorf("no such signal: %q (a name such as TERM, or 0 to 64)", s)
	}
	return sig, nil
}
