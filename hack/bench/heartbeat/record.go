package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A measure is one quantity of one engine, in the order in which it was measured.
type measure struct {
	Section, What, Unit, Engine string
	Median                      float64
	Samples                     []float64
}

// A record is all that was measured.
type record struct {
	Date, Machine string
	Probes        int // of podman, per round
	Measures      []*measure
	Aims          []aim
}

func (r *record) add(section, what, unit, engine string, values ...float64) {
	m := r.find(section, what, engine)
	if m == nil {
		m = &measure{Section: section, What: what, Unit: unit, Engine: engine}
		r.Measures = append(r.Measures, m)
	}
	m.Samples = append(m.Samples, values...)
	m.Median = median(m.Samples)
}

func (r *record) find(section, what, engine string) *measure {
	for _, m := range r.Measures {
		if m.Section == section && m.What == what && m.Engine == engine {
			return m
		}
	}
	return nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// print writes medians side by side, with the lowest and the highest of mini's.
func (r *record) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s\n", r.Date, r.Machine)
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	section, done := "", map[string]bool{}
	for _, m := range r.Measures {
		if done[m.Section+m.What] {
			continue
		}
		done[m.Section+m.What] = true
		if m.Section != section {
			section = m.Section
			fmt.Fprintf(tab, "\t\t\t\t\t\n%s\tmini\tfrom\tto\tpodman\tmini/podman\t\n", section)
		}
		r.line(tab, m)
	}
	tab.Flush()
	for _, a := range r.Aims {
		fmt.Fprintln(w, a)
	}
}

func (r *record) line(w io.Writer, any *measure) {
	ours, theirs := r.find(any.Section, any.What, "mini"), r.find(any.Section, any.What, "podman")
	fmt.Fprintf(w, "%s, %s\t", any.What, any.Unit)
	if ours != nil {
		fmt.Fprintf(w, "%.3g\t%.3g\t%.3g\t", ours.Median, slices.Min(ours.Samples), slices.Max(ours.Samples))
	} else {
		fmt.Fprint(w, "\t\t\t")
	}
	if theirs != nil {
		fmt.Fprintf(w, "%.3g\t", theirs.Median)
	} else {
		fmt.Fprint(w, "\t")
	}
	if ours != nil && theirs != nil && theirs.Median != 0 {
		fmt.Fprintf(w, "%.3f", ours.Median/theirs.Median)
	}
	fmt.Fprintln(w, "\t")
}

// An aim is what a number should not exceed.
type aim struct {
	What      string
	Got, Most float64
}

func (a aim) String() string {
	verdict := "met"
	if a.Got > a.Most {
		verdict = "missed"
	}
	return fmt.Sprintf("%s: %.3g, aim %.3g: %s", a.What, a.Got, a.Most, verdict)
}
