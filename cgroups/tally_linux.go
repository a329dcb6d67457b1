package cgroups

// Tally reads what the account of a container's end needs, and no other files:
// every start waits for it. Of Stats that is the processor, the peaks and limits
// of memory and tasks, and the pressure; of Events the kills for lack of memory
// and the forks refused.
func (g *Group) Tally() (s Stats, e Events, err error) {
	dir, err := g.open()
	if err != nil {
		return s, e, err
	}
	r := &reader{dir: dir}
	s = r.least()
	r.troubles(&e)
	s.Pids.Peak = r.number("pids.peak")
	return s, e, r.err
}

// Troubles reads of that only what Tally gives of Events: has a limit ended
// anything?
func (g *Group) Troubles() (e Events, err error) {
	dir, err := g.open()
	if err != nil {
		return e, err
	}
	r := &reader{dir: dir}
	r.troubles(&e)
	return e, r.err
}

// Glance reads what a person wants to see again and again: what Tally reads of
// Stats but the peak of tasks, what is used now, and the limit of the processor.
func (g *Group) Glance() (s Stats, err error) {
	dir, err := g.open()
	if err != nil {
		return s, err
	}
	r := &reader{dir: dir}
	s = r.least()
	r.parse("cpu.max", func(text string) (err error) { s.CPU.Limit, err = parseQuota(text); return })
	s.Memory.Current, s.Pids.Current = r.number("memory.current"), r.number("pids.current")
	return s, r.err
}

func (r *reader) troubles(e *Events) {
	e.Memory = memoryEvents(r.pairs("memory.events"))
	e.PidsMax = r.pairs("pids.events")["max"]
}

// least is what both want.
func (r *reader) least() Stats {
	return Stats{
		CPU:            cpuStats(r.pairs("cpu.stat")),
		Memory:         MemoryStats{Limit: r.number("memory.max"), Peak: r.number("memory.peak")},
		Pids:           PidsStats{Limit: r.number("pids.max")},
		CPUPressure:    r.pressure("cpu.pressure"),
		MemoryPressure: r.pressure("memory.pressure"),
		IOPressure:     r.pressure("io.pressure"),
	}
}
