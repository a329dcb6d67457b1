package cgroups

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// reader reads files of one directory. A missing file leaves zero, and so does
// one whose accounting is off (EOPNOTSUPP); the first other error is kept.
type reader struct {
	dir *os.File
	err error
}

func (r *reader) text(file string) (string, bool) {
	if r.err != nil {
		return "", false
	}
	text, err := readFile(r.dir, file)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
		return "", false
	}
	r.err = err
	return text, err == nil
}

func (r *reader) parse(file string, parse func(string) error) {
	if text, ok := r.text(file); ok {
		if err := parse(text); err != nil {
			r.err = fmt.Errorf("parse %s: %w", file, err)
		}
	}
}

func (r *reader) number(file string) (n uint64) {
	r.parse(file, func(text string) (err error) { n, err = number(text); return })
	return n
}

func (r *reader) pairs(file string) (m map[string]uint64) {
	r.parse(file, func(text string) (err error) { m, err = parsePairs(text); return })
	return m
}

func (r *reader) pressure(file string) (p *Pressure) {
	r.parse(file, func(text string) (err error) { p, err = parsePressure(text); return })
	return p
}

// Stats reads the counters of the group.
func (g *Group) Stats() (Stats, error) {
	dir, err := g.open()
	if err != nil {
		return Stats{}, err
	}
	r := &reader{dir: dir}
	s := Stats{
		CPU: cpuStats(r.pairs("cpu.stat")),
		Memory: MemoryStats{
			Current: r.number("memory.current"), Limit: r.number("memory.max"), Peak: r.number("memory.peak"),
			SwapCurrent: r.number("memory.swap.current"), SwapLimit: r.number("memory.swap.max"), SwapPeak: r.number("memory.swap.peak"),
			Stat: r.pairs("memory.stat"),
		},
		Pids:           PidsStats{Current: r.number("pids.current"), Limit: r.number("pids.max"), Peak: r.number("pids.peak")},
		CPUPressure:    r.pressure("cpu.pressure"),
		MemoryPressure: r.pressure("memory.pressure"),
		IOPressure:     r.pressure("io.pressure"),
	}
	r.parse("io.stat", func(text string) (err error) { s.IO, err = parseIO(text); return })
	s.Hugetlb = r.hugetlb()
	return s, r.err
}

// hugetlb asks the directory which page sizes there are.
func (r *reader) hugetlb() map[string]HugetlbStats {
	if r.err != nil {
		return nil
	}
	if _, r.err = r.dir.Seek(0, 0); r.err != nil {
		return nil
	}
	names, err := r.dir.Readdirnames(-1)
	r.err = err
	var m map[string]HugetlbStats
	for _, name := range names {
		rest, isHuge := strings.CutPrefix(name, "hugetlb.")
		size, isCurrent := strings.CutSuffix(rest, ".current")
		if !isHuge || !isCurrent || strings.Contains(size, ".") {
			continue
		}
		if m == nil {
			m = make(map[string]HugetlbStats)
		}
		m[size] = HugetlbStats{
			Current:  r.number(name),
			Limit:    r.number("hugetlb." + size + ".max"),
			Failures: r.pairs("hugetlb." + size + ".events")["max"],
		}
	}
	return m
}

// Events reads the event files of the group.
func (g *Group) Events() (Events, error) {
	dir, err := g.open()
	if err != nil {
		return Events{}, err
	}
	r := &reader{dir: dir}
	core := r.pairs("cgroup.events")
	e := Events{
		Populated:   core["populated"] == 1,
		Frozen:      core["frozen"] == 1,
		Memory:      memoryEvents(r.pairs("memory.events")),
		MemoryLocal: memoryEvents(r.pairs("memory.events.local")),
		PidsMax:     r.pairs("pids.events")["max"],
	}
	return e, r.err
}
