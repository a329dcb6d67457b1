package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

var listCommand = &cli.Command{
	Name:  "list",
	Usage: "list the containers of this machine",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "table", Usage: "`table` or json"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print only the ids"},
	},
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		list, err := runtime.List(c.String("root"))
		if err != nil {
			return err
		}
		switch format := c.String("format"); {
		case c.Bool("quiet"):
			printIDs(list)
			return nil
		case format == "json":
			return printJSON(list)
		case format == "table":
			return printTable(list)
		default:
			return fmt.Errorf("no such format: %q (table, json)", format)
		}
	},
}

func printIDs(list []runtime.State) {
	for _, s := range list {
		fmt.Println(s.ID)
	}
}

func printTable(list []runtime.State) error {
	w := tabwriter.NewWriter(os.Stdout, 12, 1, 3, ' ', 0)
	fmt.Fprintln(w, "ID\tPID\tSTATUS\tBUNDLE\tCREATED\tOWNER")
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", s.ID, s.Pid, s.Status, s.Bundle, s.Created.Format(time.RFC3339Nano), s.Owner)
	}
	return w.Flush()
}
