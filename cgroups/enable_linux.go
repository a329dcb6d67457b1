package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// enable hands controllers down to the children of dir.
type enable struct {
	note
	dir         string
	controllers []string
}

// Do writes only what lacks: whoever was given a cgroup may not be able to
// write the files above it, and need not. On EBUSY see the package comment.
func (e *enable) Do() error {
	dir, err := openDir(unix.AT_FDCWD, e.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	lacking, err := e.lacking(dir)
	if err != nil || len(lacking) == 0 {
		return err
	}
	err = writeFile(dir, "cgroup.subtree_control", plus(lacking))
	if errors.Is(err, unix.EBUSY) {
		if err := stepAside(dir); err != nil {
			return err
		}
		err = writeFile(dir, "cgroup.subtree_control", plus(lacking))
	}
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w (no right to enable %s in %s)", err, strings.Join(lacking, ", "), e.dir)
	case errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("%w (the cgroup is threaded and cannot have %s)", err, strings.Join(lacking, ", "))
	}
	return err
}

// lacking lists the controllers that are not enabled yet.
func (e *enable) lacking(dir *os.File) ([]string, error) {
	text, err := readFile(dir, "cgroup.subtree_control")
	if err != nil {
		return nil, err
	}
	enabled := strings.Fields(text)
	lacking := slices.DeleteFunc(slices.Clone(e.controllers), func(c string) bool { return slices.Contains(enabled, c) })
	if len(lacking) == 0 {
		return nil, nil
	}
	if text, err = readFile(dir, "cgroup.controllers"); err != nil {
		return nil, err
	}
	offered := strings.Fields(text)
	for _, c := range lacking {
		if !slices.Contains(offered, c) {
			return nil, fmt.Errorf("controller %s is not in %s/cgroup.controllers: %w", c, e.dir, unix.ENOENT)
		}
	}
	return lacking, nil
}

// stepAside moves this process from dir, our own cgroup, into a leaf below, if
// it is the only one there.
func stepAside(dir *os.File) error {
	text, err := readFile(dir, "cgroup.procs")
	if err != nil {
		return err
	}
	pids, err := parsePids(text)
	if err != nil {
		return fmt.Errorf("parse cgroup.procs: %w", err)
	}
	others := slices.DeleteFunc(slices.Clone(pids), func(p int) bool { return p == os.Getpid() })
	if len(others) > 0 {
		return fmt.Errorf("write cgroup.subtree_control: %w: processes are in this cgroup, so it cannot have children with controllers: %s", unix.EBUSY, name(others))
	}
	leaf, _, err := makeChild(dir, leafName)
	if err != nil {
		return err
	}
	defer leaf.Close()
	return writeFile(leaf, "cgroup.procs", strconv.Itoa(os.Getpid()))
}

// name lists the first of some processes for an error message. A pid of 0 is
// a process outside our pid namespace.
func name(pids []int) string {
	var list []string
	for i, pid := range pids {
		if i == 5 {
			list = append(list, fmt.Sprintf("and %d more", len(pids)-i))
			break
		}
		comm, err := os.ReadFile(path.Join("/proc", strconv.Itoa(pid), "comm"))
		switch {
		case pid == 0:
			list = append(list, "one outside our pid namespace")
		case err != nil:
			list = append(list, strconv.Itoa(pid))
		default:
			list = append(list, fmt.Sprintf("%d (%s)", pid, strings.TrimSpace(string(comm))))
		}
	}
	return strings.Join(list, ", ")
}

func plus(controllers []string) string { return "+" + strings.Join(controllers, " +") }

func (e *enable) String() string { return "enable " + plus(e.controllers) + " in " + e.dir }

func (e *enable) Shell() string {
	return redirect(plus(e.controllers), path.Join(e.dir, "cgroup.subtree_control"))
}
