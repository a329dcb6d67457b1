package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"

	"golang.org/x/sys/unix"
)

// Tree lists the processes in the group and all groups below, sorted. A pid is
// 0 if the process is not in our pid namespace.
func (g *Group) Tree() ([]int, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	pids, err := treeOf(dir)
	slices.Sort(pids)
	return slices.Compact(pids), err
}

func treeOf(dir *os.File) ([]int, error) {
	text, err := readFile(dir, "cgroup.procs")
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) { // threaded: processes are listed above
		return nil, err
	}
	pids, err := parsePids(text)
	if err != nil {
		return nil, fmt.Errorf("parse cgroup.procs: %w", err)
	}
	err = eachChild(dir, func(_ string, child *os.File) error {
		below, err := treeOf(child)
		pids = append(pids, below...)
		return err
	})
	return pids, err
}

// Signal sends sig to every process in the group and below, and says how many
// there were. SIGKILL goes to all at once; another misses what is forked
// meanwhile.
func (g *Group) Signal(sig unix.Signal) (int, error) {
	pids, err := g.Tree()
	if err != nil || len(pids) == 0 {
		return 0, err
	}
	if sig == unix.SIGKILL {
		return len(pids), g.Kill()
	}
	for _, pid := range pids {
		if pid == 0 {
			continue
		}
		if err := unix.Kill(pid, sig); err != nil && err != unix.ESRCH {
			return 0, fmt.Errorf("kill %d: %w", pid, err)
		}
	}
	return len(pids), nil
}

// Below opens a cgroup below this one by its path, "" or "/" for itself, which
// cannot lead out.
func (g *Group) Below(name string) (*Group, error) {
	return Open(path.Join(g.path, path.Clean("/"+name)))
}
