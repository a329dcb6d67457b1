package runtime

import (
	"fmt"
	"strings"
	"time"
)

// Lines is what a person wants to read of it, at a time.
func (v Vitals) Lines(now time.Time) []string {
	lines := []string{v.head()}
	if v.Status != "" {
		lines = append(lines, "  says: "+v.Status)
	}
	if v.Usage != nil {
		lines = append(lines, "  uses "+v.Usage.String())
	}
	for _, c := range v.Checks {
		lines = append(lines, fmt.Sprintf("  %s (%s): %s", c.Name, c.Role, c.State))
		if c.Asked != nil {
			lines = append(lines, fmt.Sprintf("    asked    %s ago, no answer yet", Seconds(now.Sub(*c.Asked))))
		} else if len(c.Results) == 0 {
			lines = append(lines, "    nothing known yet")
		}
		for _, r := range c.Results {
			lines = append(lines, r.lines(now)...)
		}
	}
	switch {
	case v.Exit != nil && v.Death != nil:
		lines = append(lines, "  "+v.Exit.Death)
		lines = append(lines, indent(v.Death.Details())...)
	case v.Death != nil:
		lines = append(lines, "  the run before: "+v.Death.String())
		lines = append(lines, indent(v.Death.Details())...)
	case v.Exit != nil:
		lines = append(lines, "  "+v.Exit.Death)
	}
	return lines
}

func (v Vitals) head() string {
	s := v.ID + ": " + v.State
	switch {
	case v.Paused:
		s += ", paused"
	case v.Healthy() && !v.Ready:
		s += ", not ready"
	}
	if v.Failures > 0 {
		s += fmt.Sprintf(", %s failed in a row", count(v.Failures, "probe"))
	}
	if v.Restarts > 0 {
		s += ", " + count(v.Restarts, "restart")
	}
	if v.Pid != 0 {
		s += fmt.Sprintf(", pid %d", v.Pid)
	}
	return s
}

// String is a list of what there is to say.
func (u Usages) String() string {
	parts := []string{u.CPU.String() + " of CPU"}
	if u.Throttled > 0 {
		parts[0] += fmt.Sprintf(" (held back for %s)", u.Throttled)
	}
	if u.Memory > 0 {
		s := size(u.Memory)
		if u.MemoryLimit > 0 {
			s += " of " + size(u.MemoryLimit)
		}
		s += " memory"
		if u.MemoryPeak > 0 {
			s += fmt.Sprintf(" (%s at most)", size(u.MemoryPeak))
		}
		parts = append(parts, s)
	}
	if u.Pids > 0 {
		s := fmt.Sprint(u.Pids)
		if u.PidsLimit > 0 {
			s += fmt.Sprintf(" of %d", u.PidsLimit)
		}
		parts = append(parts, s+" tasks")
	}
	return strings.Join(parts, ", ")
}

// lines is a result, and below it what it wrote.
func (r ProbeResult) lines(now time.Time) []string {
	s := fmt.Sprintf("    %-8s %s ago", r.Kind, Seconds(now.Sub(r.At)))
	if r.Took > 0 { // nobody was asked, else
		s += fmt.Sprintf(", took %s", r.Took)
	}
	if r.CPU > 0 {
		s += fmt.Sprintf(", %s of CPU", r.CPU)
	}
	if r.Peak > 0 {
		s += ", " + size(r.Peak)
	}
	lines := []string{s}
	if out := strings.TrimSpace(r.Output); out != "" {
		for line := range strings.SplitSeq(out, "\n") {
			lines = append(lines, "      "+line)
		}
	}
	return lines
}

func indent(lines []string) []string {
	var in []string
	for _, l := range lines {
		in = append(in, "    "+l)
	}
	return in
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
