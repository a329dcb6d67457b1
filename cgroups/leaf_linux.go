package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A leaf is a cgroup below a container's for one further process and what that
// forks, so that the tree can be killed and counted as a whole. No controller is
// enabled in it: that is forbidden beside processes in the container's own
// group, and not needed, since the limits above hold for it too. What the kernel
// does without a controller remains: cgroup.kill, cgroup.events, and the CPU time
// in cpu.stat.
//
// A leaf in which something still runs when its first process has ended stays
// (what `exec ID sh -c 'daemon &'` leaves behind lives on); Sweep removes it when
// it is empty, and Remove of the container's group in any case.

// A Purpose is what a leaf is for. It begins the leaf's name, before the pid of
// the mini that made it.
type Purpose string

const (
	ForExec  Purpose = "exec-"  // somebody's process
	ForProbe Purpose = "probe-" // the supervisor's; nobody wants it when that has died
)

func isLeaf(name string) bool {
	return strings.HasPrefix(name, string(ForExec)) || strings.HasPrefix(name, string(ForProbe))
}

// Leaf makes and opens a leaf. Any error means that there is to be none: the
// number of groups is limited (cgroup.max.descendants), the directory is not
// ours to write to. One with ENOENT says that the group is gone.
func (g *Group) Leaf(what Purpose) (*Group, error) {
	dir, err := g.open()
	if err != nil {
		return nil, err
	}
	base := string(what) + strconv.Itoa(os.Getpid())
	name := base
	for n := 1; ; n++ { // one of ours, or of a mini in another pid namespace
		if err = unix.Mkdirat(int(dir.Fd()), name, 0o755); err != unix.EEXIST {
			break
		}
		name = base + "." + strconv.Itoa(n)
	}
	if err != nil {
		return nil, fmt.Errorf("mkdir %s: %w", name, err)
	}
	leaf, err := openDir(int(dir.Fd()), name)
	if err != nil {
		return nil, err
	}
	return &Group{path: path.Join(g.path, name), dir: leaf}, nil
}

// RemoveLeaf removes the group if nothing runs in it; it gives the kernel up to
// patience to let go of what was killed. EBUSY says that something runs. The
// Group is closed in any case.
func (g *Group) RemoveLeaf(patience time.Duration) error {
	defer g.Close()
	err := unix.Rmdir(g.path)
	if err == unix.EBUSY && patience > 0 && g.dir != nil {
		_ = awaitEvent(g.dir, "populated", 0, patience) // rmdir knows
		err = unix.Rmdir(g.path)
	}
	if err != nil && err != unix.ENOENT {
		return fmt.Errorf("rmdir %s: %w", g.path, err)
	}
	return nil
}

// Sweep removes the leaves that are empty. Where there are none, as mostly, it
// costs one fstat(2): a directory has a link more for each below it.
func (g *Group) Sweep() error {
	dir, err := g.open()
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if st.Nlink <= 2 {
		return nil
	}
	names, err := childrenOf(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !isLeaf(name) {
			continue
		}
		// EBUSY: somebody runs in it.
		if err := unix.Unlinkat(int(dir.Fd()), name, unix.AT_REMOVEDIR); err != nil && !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("rmdir %s: %w", name, err)
		}
	}
	return nil
}

// EndLeaves kills all that runs in leaves of a purpose, and removes them.
func (g *Group) EndLeaves(what Purpose, patience time.Duration) error {
	dir, err := g.open()
	if err != nil {
		return err
	}
	var failed []error
	err = eachChild(dir, func(name string, child *os.File) error {
		if !strings.HasPrefix(name, string(what)) {
			return nil
		}
		leaf, err := Open(path.Join(g.path, name))
		if err != nil {
			return err
		}
		failed = append(failed, leaf.Kill(), leaf.RemoveLeaf(patience))
		return nil
	})
	return errors.Join(append(failed, err)...)
}

// Use is the CPU time of all that ran in the group and below, ended or not, and
// the highest memory use, in bytes, or 0 where the group has no memory
// controller or Linux is older than 5.19.
func (g *Group) Use() (cpu time.Duration, peak uint64, err error) {
	dir, err := g.open()
	if err != nil {
		return 0, 0, err
	}
	r := &reader{dir: dir}
	cpu = time.Duration(r.pairs("cpu.stat")["usage_usec"]) * time.Microsecond
	return cpu, r.number("memory.peak"), r.err
}
