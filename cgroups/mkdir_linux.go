package cgroups

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// mkdir makes the directory of the group with those above it, and opens it.
type mkdir struct {
	note
	group *Group
	mount string
	made  bool // the group is ours to remove
}

// ownName is the directory in which mini keeps groups that no cgroupsPath
// names: /mini/<id>. It is ours in any case, marked or not.
const ownName = "mini"

// markName is an extended attribute on directories that mini made, so that
// they can be removed when they are empty and those of others never are: the
// journal is written before it can be known which exist. Cgroups have user
// attributes since Linux 5.7.
const markName = "user.mini"

// Do makes what is missing and opens the group. A directory that exists
// already is taken if nothing lives in it; otherwise the limits, the freezer
// and the end of this container would be those of its neighbours too.
func (m *mkdir) Do() error {
	var g *os.File
	var isNew bool
	var err error
	for range 8 { // another mini may remove the empty parent under our hands
		if g, isNew, err = makePath(m.mount, m.group.path); !errors.Is(err, unix.ENOENT) {
			break
		}
	}
	if err != nil {
		return err
	}
	if !isNew {
		err = vacant(g)
	}
	if err != nil {
		g.Close()
		return err
	}
	m.made = true
	m.group.dir, m.group.before = g, counts{}
	if !isNew {
		m.group.before = count(g)
	}
	return nil
}

// makePath walks down from the mount point and returns the last directory, and
// whether it was not there before.
func makePath(mount, full string) (dir *os.File, isNew bool, err error) {
	if dir, err = openDir(unix.AT_FDCWD, mount); err != nil {
		return nil, false, err
	}
	for name := range strings.SplitSeq(strings.Trim(strings.TrimPrefix(full, mount), "/"), "/") {
		next, made, err := makeChild(dir, name)
		dir.Close()
		if err != nil {
			return nil, false, err
		}
		dir, isNew = next, made
	}
	return dir, isNew, nil
}

// makeChild makes and marks a directory; without the mark it would only stay
// behind when it is empty, which is no reason to stop here.
func makeChild(dir *os.File, name string) (child *os.File, made bool, err error) {
	err = unix.Mkdirat(int(dir.Fd()), name, 0o755)
	if err != nil && err != unix.EEXIST {
		return nil, false, fmt.Errorf("mkdir %s: %w", name, err)
	}
	made = err == nil
	if child, err = openDir(int(dir.Fd()), name); err == nil && made {
		_ = unix.Fsetxattr(int(child.Fd()), markName, []byte("made"), 0)
	}
	return child, made, err
}

// vacant refuses a group with live processes in or below it, or a frozen one.
func vacant(dir *os.File) error {
	text, err := readFile(dir, "cgroup.events")
	if err != nil {
		return err
	}
	e, err := parsePairs(text)
	switch {
	case err != nil:
		return fmt.Errorf("parse cgroup.events: %w", err)
	case e["populated"] != 0:
		return fmt.Errorf("the cgroup is not empty, something runs in it: %w", unix.EBUSY)
	}
	text, err = readFile(dir, "cgroup.freeze")
	if err == nil && strings.TrimSpace(text) != "0" {
		return fmt.Errorf("the cgroup is frozen: %w", unix.EBUSY)
	}
	return err
}

// Undo removes the group if Do made or took it. The cgroup of somebody else
// that was found not empty is left alone.
func (m *mkdir) Undo() error {
	if !m.made {
		return nil
	}
	m.group.Close()
	return Remove(m.group.path)
}

// Journal is what has to be handed to RemoveVacant if nobody knows whether the
// group is ours: a neighbour may live in one of that name.
func (m *mkdir) Journal() string { return "vacant-cgroup " + m.group.path }

// Confirm is what has to be handed to Remove once it is ours.
func (m *mkdir) Confirm() string { return "cgroup " + m.group.path }
func (m *mkdir) String() string  { return "mkdir " + m.group.path }
func (m *mkdir) Shell() string   { return "cgroup=" + quote(m.group.path) + "\nmkdir -p \"$cgroup\"" }
