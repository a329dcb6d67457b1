package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// judge compares with what issue 4 wants, as far as it was measured.
func (r *record) judge() {
	r.compare("exec: CPU of a probe, of podman's", 1.0/20, r.median(probeSection, "exec: CPU", "mini"), r.median(probeSection, "exec: CPU", "podman"))
	for _, kind := range []string{"http", "tcp"} {
		r.compare(kind+": CPU of a probe, ms", 0.3, r.median(probeSection, kind+": CPU", "mini"), 1)
		if m := r.find(probeSection, kind+": page faults of children", "mini"); m != nil {
			r.Aims = append(r.Aims, aim{kind + ": page faults of children", m.Median, 0})
		}
	}
	r.compare("death to restart less the back-off, of a start in the foreground", 1.5,
		r.median(restartSection, "from SIGKILL to the next start, less the back-off", "mini"),
		r.median(restartSection, "a start in the foreground", "mini"))
	for _, m := range r.Measures {
		switch {
		case m.Engine != "mini":
		case m.What == "private memory of one":
			r.compare(m.Section+": private memory of one, MiB", 3, m.Median, 1)
		case m.What == "ticks of CPU of all" && strings.HasSuffix(m.Section, "nobody asks"):
			r.Aims = append(r.Aims, aim{m.Section + ": ticks of CPU a minute of all", m.Median, 0})
		}
	}
}

// compare adds an aim, if both numbers are there.
func (r *record) compare(what string, most, got, of float64) {
	if got != 0 && of != 0 {
		r.Aims = append(r.Aims, aim{what, got / of, most})
	}
}

func (r *record) median(section, what, engine string) float64 {
	if m := r.find(section, what, engine); m != nil {
		return m.Median
	}
	return 0
}

// machine says on what it was measured: processors, their name, and the kernel.
func machine() string {
	var u unix.Utsname
	_ = unix.Uname(&u) // the name of a kernel is not worth a failure
	return fmt.Sprintf("%d × %s, Linux %s", runtime.NumCPU(), processor(), unix.ByteSliceToString(u.Release[:]))
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "processor"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor"
}
