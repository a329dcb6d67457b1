package runtime

import (
	"runtime"
	"runtime/debug"
)

// tidy clears away what earlier runs left, while the program runs already.
func (s *supervisor) tidy() {
	cleared, err := collectAll(s.config.Root, s.config.ID, s.Say)
	for _, id := range cleared {
		s.Say("cleared away " + id + ", which a killed mini had left")
	}
	if err != nil {
		s.Say("what a killed mini had left is still there: " + Explain(err))
	}
}

// unburden gives memory back, if it has become much by reading of all the other
// containers. Little is better left alone: to look for it writes to pages that are
// one with the guard's until then.
func unburden() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapSys-m.HeapReleased > 1280<<10 {
		debug.FreeOSMemory()
	}
}
