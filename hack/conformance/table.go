package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

// report prints the table and then, of each program that surprises, what is
// wrong. It returns how many do.
func report(w io.Writer, all verdicts, list map[string]known, runtimes []string) (wrong int) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "program")
	for _, name := range runtimes {
		fmt.Fprint(table, "\t", filepath.Base(name))
	}
	fmt.Fprintln(table, "\tnote")
	ours := runtimes[len(runtimes)-1]
	var surprises []string
	counts := map[string]int{}
	for _, program := range slices.Sorted(maps.Keys(all)) {
		note := list[program].why
		if problem := compare(all[program][ours], list[program]); problem != "" {
			note = "!! " + problem
			surprises = append(surprises, program)
		}
		fmt.Fprint(table, program)
		for _, name := range runtimes {
			fmt.Fprintf(table, "\t%s", all[program][name])
			if all[program][name].ok() {
				counts[name]++
			}
		}
		fmt.Fprintf(table, "\t%s\n", note)
	}
	table.Flush()
	fmt.Fprintf(w, "\n%d programs", len(all))
	for i, name := range runtimes {
		fmt.Fprintf(w, "%s %d pass with %s", []string{":", ","}[i], counts[name], filepath.Base(name))
	}
	fmt.Fprintln(w)
	for _, program := range surprises {
		explain(w, program, all[program][runtimes[0]], all[program][ours]) // of one runtime: nothing it fails passes
	}
	return len(surprises)
}

// explain lists the checks that fail, and says which of them the baseline passes.
func explain(w io.Writer, program string, was, is verdict) {
	fmt.Fprintf(w, "\n%s: exit status %d\n", program, is.status)
	for _, check := range is.failed {
		mark := ""
		if slices.Contains(was.passed, check) {
			mark = " (the baseline passes)"
		}
		fmt.Fprintf(w, "  not ok - %s%s\n", check, mark)
	}
}
