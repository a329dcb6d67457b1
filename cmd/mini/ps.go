package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var psCommand = &cli.Command{
	Name:      "ps",
	Usage:     "list the processes of a container, as this machine sees them",
	ArgsUsage: "ID [PS OPTIONS]",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "table", Usage: "`table`: of ps -ef, or what the options make of it; json: the pids"},
	},
	Action: func(c *cli.Context) error {
		if c.NArg() == 0 {
			return wantArgs(c, "ID")
		}
		pids, err := runtime.Processes(c.String("root"), c.Args().First())
		if err != nil {
			return err
		}
		switch format := c.String("format"); format {
		case "json":
			return json.NewEncoder(os.Stdout).Encode(pids)
		case "table":
			return psTable(pids, c.Args().Tail())
		default:
			return fmt.Errorf("no such format: %q (table, json)", format)
		}
	},
}

// psTable runs ps(1) and leaves out the processes of others.
func psTable(pids []int, options []string) error {
	if len(options) > 0 && options[0] == "--" {
		options = options[1:]
	}
	if len(options) == 0 {
		options = []string{"-ef"}
	}
	out, err := exec.Command("ps", options...).Output()
	if err != nil {
		return fmt.Errorf("ps %s: %w", strings.Join(options, " "), err)
	}
	lines, err := ofProcesses(string(out), pids)
	fmt.Print(lines)
	return err
}

// ofProcesses keeps the heading of a table of ps, and the lines whose column
// PID is one of the pids.
func ofProcesses(table string, pids []int) (string, error) {
	heading, rest, _ := strings.Cut(table, "\n")
	column := slices.Index(strings.Fields(heading), "PID")
	if column < 0 {
		return "", errors.New("ps prints no column PID: choose options with one, such as -ef")
	}
	kept := heading + "\n"
	for line := range strings.Lines(rest) {
		fields := strings.Fields(line)
		if len(fields) <= column {
			continue
		}
		if pid, err := strconv.Atoi(fields[column]); err == nil && slices.Contains(pids, pid) {
			kept += line
		}
	}
	return kept, nil
}
