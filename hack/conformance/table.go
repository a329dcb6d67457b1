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
func report(w io.Writer, all verdicts, list map[string]known, baseline, runtime string) (wrong int) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "program\t%s\t%s\tnote\n", filepath.Base(baseline), filepath.Base(runtime))
	var surprises []string
	counts := map[string]int{}
	for _, program := range slices.Sorted(maps.Keys(all)) {
		was, is := all[program][baseline], all[program][runtime]
		note := list[program].why
		if problem := compare(is, list[program]); problem != "" {
			note = "!! " + problem
			surprises = append(surprises, program)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", program, was, is, note)
		for _, name := range []string{baseline, runtime} {
			if all[program][name].ok() {
				counts[name]++
			}
		}
	}
	table.Flush()
	fmt.Fprintf(w, "\n%d programs: %d pass with %s, %d with %s\n", len(all),
		counts[baseline], filepath.Base(baseline), counts[runtime], filepath.Base(runtime))
	for _, program := range surprises {
		explain(w, program, all[program][baseline], all[program][runtime])
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
