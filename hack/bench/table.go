package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A row is one quantity; a result that has it not is left blank.
type row struct {
	what, format string
	of           func(result) float64
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func wall(s sample) float64   { return milliseconds(s.Wall) }
func cpu(s sample) float64    { return milliseconds(s.CPU) }
func faults(s sample) float64 { return float64(s.Faults) }

// timed is the median of a number over the samples of a trial.
func timed(label, what, format string, of func(sample) float64) row {
	return row{label, format, func(r result) float64 { return median(r.Samples[what], of) }}
}

// counted is a number that was found once.
func counted(what, format string) row {
	return row{what, format, func(r result) float64 { return r.Numbers[what] }}
}

var rows = []row{
	timed("run, ms", "run", "%.1f", wall),
	timed("run, ms of CPU", "run", "%.1f", cpu),
	timed("run, page faults", "run", "%.0f", faults),
	counted(callsOfRun, "%.0f"),
	counted(peakOfRun, "%.0f"),
	timed("create, ms", "create", "%.1f", wall),
	timed("start, ms", "start", "%.1f", wall),
	timed("delete, ms", "delete", "%.1f", wall),
	timed("create to delete, ms", "create to delete", "%.1f", wall),
	timed("create to delete, ms of CPU", "create to delete", "%.1f", cpu),
	timed("exec, ms", "exec", "%.1f", wall),
	timed("exec, ms of CPU", "exec", "%.1f", cpu),
	counted(waitingInit, "%.0f"),
	counted(besideProgram, "%.0f"),
	timed("one by one, ms each", "one", "%.1f", wall),
	timed("8 at a time, ms each", "eight", "%.1f", wall),
	counted(lastByFirst, "%.2f"),
	counted(binarySize, "%.0f"),
}

// The names of what is counted.
const (
	callsOfRun    = "run, system calls"
	peakOfRun     = "run, peak memory, KiB"
	waitingInit   = "created, private KiB of init"
	besideProgram = "running, private KiB beside"
	lastByFirst   = "one by one, CPU of last 10 / first 10"
	binarySize    = "binary, KiB"
)

// summarize puts every row's value into the results, for JSON.
func summarize(results []result) {
	for _, r := range results {
		for _, row := range rows {
			if v := row.of(r); v != 0 {
				r.Numbers[row.what] = v
			}
		}
	}
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
		if row.of(results[0]) == 0 {
			continue // was not measured this time
		}
		fmt.Fprintf(tab, "%s\t", row.what)
		for i, r := range results {
			row.cell(tab, r, results[0], i > 0)
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
}

// cell is one value, and its ratio.
func (row row) cell(w io.Writer, r, first result, compared bool) {
	v := row.of(r)
	switch {
	case v == 0 && compared:
		fmt.Fprint(w, "\t\t")
	case compared:
		fmt.Fprintf(w, row.format+"\t%.2f\t", v, row.of(first)/v)
	default:
		fmt.Fprintf(w, row.format+"\t", v)
	}
}
