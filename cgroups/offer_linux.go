package cgroups

import (
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// counting are the controllers that count something which people ask for.
var counting = []string{"cpu", "io", "memory", "pids"}

// offer hands down what nobody has set a limit of, so that the group counts what
// it uses: statistics are of a controller. What cannot be had is left out.
type offer struct {
	note
	dir         string
	controllers []string
}

// Do writes what lacks, each by itself. Unlike enable it moves no process out of
// the way, and nothing that it meets is an error.
func (o *offer) Do() error {
	dir, err := openDir(unix.AT_FDCWD, o.dir)
	if err != nil {
		return nil
	}
	defer dir.Close()
	for _, c := range o.lacking(dir) {
		_ = writeFile(dir, "cgroup.subtree_control", "+"+c)
	}
	return nil
}

func (o *offer) lacking(dir *os.File) []string {
	enabled, err := readFile(dir, "cgroup.subtree_control")
	if err != nil {
		return nil
	}
	return without(o.controllers, strings.Fields(enabled))
}

func (o *offer) String() string {
	return "enable " + plus(o.controllers) + " in " + o.dir + " (where possible)"
}

func (o *offer) Shell() string {
	return redirect(plus(o.controllers), path.Join(o.dir, "cgroup.subtree_control")) + " || :"
}

// without is what of a list is not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(c string) bool { return slices.Contains(other, c) })
}

// offers returns one op for each directory from Base to the parent of at, for the
// controllers of the host that no setting asks for.
func (w wanted) offers(f Facts, at string) (ops []Op) {
	var names []string
	for _, c := range counting {
		asked := slices.ContainsFunc(w.settings, func(s setting) bool { return s.controller() == c })
		if slices.Contains(f.Controllers, c) && !asked {
			names = append(names, c)
		}
	}
	if names == nil {
		return nil
	}
	for _, dir := range between(f.Base, at) {
		ops = append(ops, &offer{
			note:        note{"", "What a cgroup uses is counted by controllers, which its parent hands down (cgroups(7), cgroup.subtree_control)"},
			dir:         path.Join(f.Mountpoint, dir),
			controllers: names,
		})
	}
	return ops
}
