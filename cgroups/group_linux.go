package cgroups

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Group is a cgroup that mini uses, held by a descriptor of its directory. One
// made by Plan is an empty cell until its mkdir operation is done.
type Group struct {
	path   string
	dir    *os.File
	before counts
}

// Open opens the cgroup with the absolute path given, as in the journal. The
// error wraps ENOENT if it is gone, EINVAL if the path is not on cgroup2.
func Open(path string) (*Group, error) {
	dir, err := openDir(unix.AT_FDCWD, path)
	if err != nil {
		return nil, err
	}
	return &Group{path: path, dir: dir}, nil
}

// Path is the absolute path of the directory on this host.
func (g *Group) Path() string { return g.path }

// Dir is the directory, for CLONE_INTO_CGROUP (clone3(2), Linux 5.7); nil
// before the mkdir operation is done. It stays owned by the Group.
func (g *Group) Dir() *os.File { return g.dir }

// Close closes the directory; the cgroup stays. It may be called twice.
func (g *Group) Close() error {
	if g.dir == nil {
		return nil
	}
	err := g.dir.Close()
	g.dir = nil
	return err
}

func (g *Group) open() (*os.File, error) {
	if g == nil || g.dir == nil {
		return nil, errors.New("the cgroup was not opened")
	}
	return g.dir, nil
}

func (g *Group) write(file, value string) error {
	dir, err := g.open()
	if err != nil {
		return err
	}
	return writeFile(dir, file, value)
}

// Kill sends SIGKILL to every process in the group and below (cgroup.kill,
// Linux 5.14). It does not wait for their end, and a fork cannot escape it.
// Frozen processes die too.
func (g *Group) Kill() error { return g.write("cgroup.kill", "1") }

// Killer opens cgroup.kill, to which 1 is to be written for Kill, for a process
// that can do no more than that.
func (g *Group) Killer() (*os.File, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	fd, err := unix.Openat(int(dir.Fd()), "cgroup.kill", unix.O_WRONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "cgroup.kill"), nil
}

// Procs lists the processes in the group itself, not below. A pid is 0 if the
// process is not in our pid namespace.
func (g *Group) Procs() ([]int, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	text, err := readFile(dir, "cgroup.procs")
	if err != nil {
		return nil, err
	}
	pids, err := parsePids(text)
	if err != nil {
		return nil, fmt.Errorf("parse cgroup.procs: %w", err)
	}
	return pids, nil
}

// Freeze stops every process in the group and below and returns when all are
// stopped (cgroup.freeze). After ten seconds it gives up, thaws the group
// again and returns ETIMEDOUT.
func (g *Group) Freeze() error {
	if err := g.setFrozen("1", 1); err != nil {
		return errors.Join(err, g.write("cgroup.freeze", "0"))
	}
	return nil
}

// Thaw lets the processes run again.
func (g *Group) Thaw() error { return g.setFrozen("0", 0) }

func (g *Group) setFrozen(value string, want uint64) error {
	dir, err := g.open()
	if err != nil {
		return err
	}
	if err := writeFile(dir, "cgroup.freeze", value); err != nil {
		return err
	}
	return awaitEvent(dir, "frozen", want, waitLimit)
}

// Frozen tells whether every process of the group is stopped by the freezer.
func (g *Group) Frozen() (bool, error) {
	e, err := g.pairs("cgroup.events")
	return e["frozen"] == 1, err
}

// pairs reads a file of lines "name number".
func (g *Group) pairs(file string) (map[string]uint64, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	text, err := readFile(dir, file)
	if err != nil {
		return nil, err
	}
	m, err := parsePairs(text)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	return m, nil
}

// Remove kills what is in the group and removes it; see the function Remove.
// The Group is closed.
func (g *Group) Remove() error {
	if err := g.Close(); err != nil {
		return err
	}
	return Remove(g.path)
}
