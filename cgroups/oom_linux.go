package cgroups

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// MemoryLevels reads the memory events of the group and of those above it, up
// to where the memory controller or the mount ends. To be read before the
// container starts and after it ended, for Blame. Empty without the memory
// controller.
func (g *Group) MemoryLevels() ([]Level, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	var levels []Level
	for name := g.path; ; name = path.Dir(name) {
		r := &reader{dir: dir}
		total := r.pairs("memory.events")
		l := Level{name, memoryEvents(total), memoryEvents(r.pairs("memory.events.local"))}
		if dir != g.dir {
			dir.Close()
		}
		if r.err != nil || total == nil {
			return levels, r.err
		}
		levels = append(levels, l)
		if dir, err = above(name); dir == nil {
			return levels, err
		}
	}
}

// above opens the parent of a cgroup; nil above the root of the mount.
func above(name string) (*os.File, error) {
	dir, err := openDir(unix.AT_FDCWD, path.Dir(name))
	if errors.Is(err, unix.EINVAL) {
		return nil, nil
	}
	return dir, err
}
