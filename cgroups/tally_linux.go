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
	s.CPU = cpuStats(r.pairs("cpu.stat"))
	e.Memory = memoryEvents(r.pairs("memory.events"))
	s.Memory = MemoryStats{Limit: r.number("memory.max"), Peak: r.number("memory.peak")}
	e.PidsMax = r.pairs("pids.events")["max"]
	s.Pids = PidsStats{Limit: r.number("pids.max"), Peak: r.number("pids.peak")}
	s.CPUPressure = r.pressure("cpu.pressure")
	s.MemoryPressure = r.pressure("memory.pressure")
	s.IOPressure = r.pressure("io.pressure")
	return s, e, r.err
}
