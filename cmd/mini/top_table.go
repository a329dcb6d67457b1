package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mini/runtime"
)

// row is one container in the table of top.
type row struct {
	runtime.Sight
	measured       bool    // there was a look before
	cpu, throttled float64 // percent of one processor, and of the time since
}

// newRow compares two looks at a container. The first may be the zero value, or
// of the run before.
func newRow(before, now runtime.Sight) row {
	r := row{Sight: now}
	past := now.At.Sub(before.At)
	if before.Usage == nil || now.Usage == nil || before.Pid != now.Pid || past <= 0 {
		return r
	}
	r.measured = true
	percent := func(now, before runtime.Seconds) float64 { return 100 * float64(now-before) / float64(past) }
	r.cpu = percent(now.Usage.CPU, before.Usage.CPU)
	r.throttled = min(percent(now.Usage.Throttled, before.Usage.Throttled), 100)
	return r
}

// order is what the table is sorted by.
type order string

const (
	byCPU      order = "cpu"
	byMemory   order = "memory"
	byPids     order = "pids"
	byRestarts order = "restarts"
	byName     order = "name"
)

func (o order) known() bool {
	return slices.Contains([]order{byCPU, byMemory, byPids, byRestarts, byName}, o)
}

// key is the order that a key asks for, or this one.
func (o order) key(k byte) order {
	switch k {
	case 'c':
		return byCPU
	case 'm':
		return byMemory
	case 'p':
		return byPids
	case 'r':
		return byRestarts
	case 'n':
		return byName
	}
	return o
}

// sort puts the greatest first, and equal ones in the order of their names.
func (o order) sort(rows []row) {
	value := func(r row) float64 {
		switch {
		case o == byRestarts:
			return float64(r.Restarts)
		case o == byCPU:
			return r.cpu
		case o == byMemory && r.Usage != nil:
			return float64(r.Usage.Memory)
		case o == byPids && r.Usage != nil:
			return float64(r.Usage.Pids)
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(value(b), value(a)), strings.Compare(a.ID, b.ID))
	})
}

var heading = []string{"ID", "STATE", "RESTARTS", "CPU%", "THR%", "MEMORY", "PIDS", "WAIT", "PID"}

// state is the container's in a word.
func (r row) state() string {
	switch {
	case r.Paused:
		return "paused"
	case r.Watched && r.State == "healthy" && !r.Ready:
		return "not ready"
	}
	return r.State
}

// cells is the row in words; - is what is not counted.
func (r row) cells() []string {
	cells := []string{r.ID, r.state(), fmt.Sprint(r.Restarts), "-", "-", "-", "-", "-", "-"}
	if !r.Watched {
		cells[2] = "-"
	}
	if r.Pid != 0 {
		cells[8] = fmt.Sprint(r.Pid)
	}
	u := r.Usage
	if u == nil {
		return cells
	}
	if r.measured {
		cells[3], cells[4] = fmt.Sprintf("%.1f", r.cpu), fmt.Sprintf("%.0f", r.throttled)
		if u.CPULimit > 0 {
			cells[3] += fmt.Sprintf("/%.0f", 100*u.CPULimit)
		}
	}
	if u.Memory > 0 {
		cells[5] = of(short(u.Memory), short(u.MemoryLimit), u.MemoryLimit > 0)
	}
	if u.Pids > 0 {
		cells[6] = of(fmt.Sprint(u.Pids), fmt.Sprint(u.PidsLimit), u.PidsLimit > 0)
	}
	if p := u.Pressure; p != nil {
		cells[7] = fmt.Sprintf("%.0f %.0f %.0f", p.CPU, p.Memory, p.IO)
	}
	return cells
}

func of(use, limit string, limited bool) string {
	if limited {
		return use + "/" + limit
	}
	return use
}

// short writes bytes in a few characters: 5.0M.
func short(bytes uint64) string {
	f, unit := float64(bytes), "B"
	for _, u := range []string{"K", "M", "G", "T"} {
		if f < 1000 {
			break
		}
		f, unit = f/1024, u
	}
	if f < 10 && unit != "B" {
		return fmt.Sprintf("%.1f%s", f, unit)
	}
	return fmt.Sprintf("%.0f%s", f, unit)
}

// columns is the heading and a line for each row, in columns.
func columns(rows []row) []string {
	all := [][]string{heading}
	for _, r := range rows {
		all = append(all, r.cells())
	}
	widths := make([]int, len(heading))
	for _, cells := range all {
		for i, c := range cells {
			widths[i] = max(widths[i], len(c))
		}
	}
	var lines []string
	for _, cells := range all {
		var b strings.Builder
		for i, c := range cells {
			if i < 2 { // words to the left, numbers to the right
				fmt.Fprintf(&b, "%-*s  ", widths[i], c)
			} else {
				fmt.Fprintf(&b, "%*s  ", widths[i], c)
			}
		}
		lines = append(lines, b.String())
	}
	return lines
}

// summary is the line above the table: how many are in which state.
func summary(rows []row, o order, now time.Time) string {
	count := map[string]int{}
	var states []string
	for _, r := range rows {
		if count[r.state()]++; count[r.state()] == 1 {
			states = append(states, r.state())
		}
	}
	slices.Sort(states)
	s := fmt.Sprintf("%s  %d containers", now.Format(time.TimeOnly), len(rows))
	for _, state := range states {
		s += fmt.Sprintf(", %d %s", count[state], state)
	}
	return s + "; by " + string(o) + " (c m p r n), q quits"
}

// fit cuts lines to a screen. What does not fit below is counted. A screen
// without a size has room for all.
func fit(lines []string, rows, columns int) []string {
	if rows > 0 && len(lines) > rows {
		hidden := len(lines) - rows + 1
		lines = append(slices.Clone(lines[:rows-1]), fmt.Sprintf("… %d more", hidden))
	}
	for i, line := range lines {
		if r := []rune(line); columns > 0 && len(r) > columns {
			lines[i] = string(r[:columns])
		}
	}
	return lines
}
