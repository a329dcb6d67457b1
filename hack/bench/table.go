package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A row is one quantity.
type row struct {
	what, format string
	of           func(result) float64
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

var rows = []row{
	{"wall time, ms", "%.1f", func(r result) float64 {
		return r.median(func(s sample) float64 { return milliseconds(s.Wall) })
	}},
	{"CPU time, ms", "%.1f", func(r result) float64 {
		return r.median(func(s sample) float64 { return milliseconds(s.CPU) })
	}},
	{"page faults", "%.0f", func(r result) float64 {
		return r.median(func(s sample) float64 { return float64(s.Faults) })
	}},
	{"peak memory, KiB", "%.0f", func(r result) float64 {
		return r.median(func(s sample) float64 { return float64(s.Memory) })
	}},
	{"system calls", "%.0f", func(r result) float64 { return float64(r.Calls) }},
	{"binary, KiB", "%.0f", func(r result) float64 { return float64(r.Size) / 1024 }},
}

// print writes medians, and how the first runtime compares with each other one.
func print(w io.Writer, results []result) {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tab, "\t")
	for i, r := range results {
		fmt.Fprintf(tab, "%s\t", r.Name)
		if i > 0 {
			fmt.Fprintf(tab, "%s/%s\t", results[0].Name, r.Name)
		}
	}
	fmt.Fprintln(tab)
	for _, row := range rows {
		fmt.Fprintf(tab, "%s\t", row.what)
		for i, r := range results {
			fmt.Fprintf(tab, row.format+"\t", row.of(r))
			if i > 0 {
				fmt.Fprintf(tab, "%.2f\t", row.of(results[0])/row.of(r))
			}
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
}
