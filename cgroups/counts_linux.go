package cgroups

import "os"

// counts are what the event files of a group said, by file and key, before
// anything of the container ran in it. A group that is new has said nothing yet;
// nil is not known.
type counts map[string]map[string]uint64

// count reads them from a group that others may have used.
func count(dir *os.File) counts {
	c := counts{}
	for _, file := range []string{"memory.events", "pids.events"} {
		r := &reader{dir: dir}
		c[file] = r.pairs(file) // none without the controller
	}
	return c
}
