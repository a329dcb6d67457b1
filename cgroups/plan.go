package cgroups

import (
	"path"
	"slices"
	"strings"
)

// Plan turns the resources into operations that make a new cgroup. It is pure.
//
// If nothing is asked for and no cgroup is possible, or the host is hybrid and
// Config.Tree not set, the result is empty with a nil Group. Errors are FieldErrors.
func Plan(c Config, f Facts) (Steps, error) {
	w, err := wants(c)
	if err != nil {
		return Steps{}, err
	}
	f, user := f.forUser(c)
	at, unit, err := c.place(f, user)
	if err != nil {
		return Steps{}, err
	}
	if err := w.possible(f); err != nil {
		return Steps{}, err
	}
	if w.nothing() && f.Mode != Unified && !c.Tree {
		return Steps{}, nil
	}
	if !below(f.Base, at) || f.Mountpoint == "" {
		return Steps{}, w.unplaceable(at, f)
	}
	g := &Group{path: path.Join(f.Mountpoint, at)}
	s := Steps{Group: g, Limits: w.enables(f, at)}
	if c.Systemd == nil {
		s.Limits = append(s.Limits, w.offers(f, at)...)
	}
	if s.Prepare, err = w.begin(c, f, unit, g); err != nil {
		return Steps{}, err
	}
	if user && !below(f.User, f.Own) {
		s.Prepare = append([]Op{&moveUs{note{"/linux/cgroupsPath", "What is outside of the cgroups delegated to the user's systemd cannot be the parent of what is inside (cgroups(7), \"Delegation containment\")"}}}, s.Prepare...)
	}
	for _, x := range w.settings {
		if x.file == "pids.max" {
			s.Late = append(s.Late, c.tell(g, x)...)
			s.Late = append(s.Late, x.op(g))
		} else {
			s.Limits = append(s.Limits, x.op(g))
		}
	}
	if w.devices != nil {
		s.Limits = append(s.Limits, w.devices.op(g))
	}
	s.Limits = append(s.Limits, c.owner(g)...)
	return s, nil
}

// place is the group's cgroup from the root of the mount.
func (c Config) place(f Facts, user bool) (at string, u unit, err error) {
	if c.Systemd == nil {
		at, err = cleanPath(c.Path, f.Base)
		return at, u, err
	}
	home := defaultSlice
	if user {
		home = defaultUserSlice
	}
	if u, err = parseUnit(c.Path, c.Systemd.ID, home); err != nil {
		return "", u, err
	}
	if f.Mode != Unified || f.Base != "/" && !user {
		return "", u, refuse("/linux/cgroupsPath", "--systemd-cgroup: %w: it takes root or a systemd of the user's own, and a host with cgroup v2 only", ErrNoCgroup)
	}
	return path.Join(f.Base, u.path()), u, nil
}

// forUser is the facts as they are for a unit of the user's systemd, if that is
// who makes it.
func (f Facts) forUser(c Config) (Facts, bool) {
	if c.Systemd == nil || f.Base == "/" || f.User == "" {
		return f, false
	}
	f.Base, f.Controllers = f.User, f.UserControllers
	return f, true
}

// begin makes the group and opens it.
func (w wanted) begin(c Config, f Facts, u unit, g *Group) ([]Op, error) {
	const field = "/linux/cgroupsPath"
	const why = "the processes of the container are counted, limited and killed together by their cgroup (cgroups(7))"
	if c.Systemd == nil {
		return []Op{&mkdir{note: note{field, why}, group: g, mount: f.Mountpoint}}, nil
	}
	others, err := asked(c.Systemd.Annotations)
	early := slices.DeleteFunc(slices.Clone(w.settings), func(s setting) bool { return s.file == "pids.max" })
	return []Op{
		&scope{note: note{field, "systemd makes the cgroup, knows the limits, and leaves the rest to us (systemd.scope(5))"}, unit: u, systemd: *c.Systemd, properties: append(unitProperties(early), others...)},
		&openUnit{note: note{field, why}, group: g},
	}, err
}

// tell gives systemd the settings that it would otherwise undo.
func (c Config) tell(g *Group, settings ...setting) []Op {
	list := unitProperties(settings)
	if c.Systemd == nil || len(list) == 0 {
		return nil
	}
	return []Op{&setProperties{
		note: note{settings[0].field, "systemd writes its own limits again whenever it loads its units again (systemd.resource-control(5))"},
		unit: path.Base(g.path), properties: list,
	}}
}

// Update turns resources into operations on a group that exists; the path in
// the config is not used. Settings that are not mentioned keep their values,
// a device list replaces the one before it. It is pure.
func Update(c Config, f Facts, g *Group) ([]Op, error) {
	w, err := wants(c)
	if err != nil {
		return nil, err
	}
	f, _ = f.forUser(c)
	if err := w.possible(f); err != nil {
		return nil, err
	}
	at, inside := strings.CutPrefix(g.path, f.Mountpoint)
	if w.nothing() || !inside {
		return nil, w.unplaceable(g.path, f)
	}
	ops := w.enables(f, at)
	told := false // nothing before a check that may refuse it all
	for _, x := range w.settings {
		if !told && !x.check {
			ops, told = append(ops, c.tell(g, w.settings...)...), true
		}
		if x.file == "cpu.max" && x.field != unifiedField("cpu.max") {
			ops = append(ops, w.resetBurst(g)...)
		}
		ops = append(ops, x.op(g))
	}
	if w.devices != nil {
		ops = append(ops, w.devices.op(g))
	}
	return ops, nil
}

// wanted is everything a config asks for, host unseen.
type wanted struct {
	settings []setting
	devices  *deviceList
}

func wants(c Config) (wanted, error) {
	var w wanted
	if c.Resources == nil {
		return w, nil
	}
	var err error
	if w.settings, err = translate(c.Resources); err != nil {
		return w, err
	}
	w.devices, err = compileDevices(c.Resources.Devices, c.DefaultDevices)
	return w, err
}

func (w wanted) nothing() bool { return len(w.settings) == 0 && w.devices == nil }

// possible tells whether the host has the controller of every setting.
func (w wanted) possible(f Facts) error {
	for _, s := range w.settings {
		c := s.controller()
		if c != "" && (f.Mode != Unified || !slices.Contains(f.Controllers, c)) {
			return &FieldError{s.field, missing(c, f)}
		}
	}
	return nil
}

// unplaceable is the error of a wish for which there is no place; nil without
// a wish.
func (w wanted) unplaceable(at string, f Facts) error {
	field := "/linux/resources/devices"
	switch {
	case w.nothing():
		return nil
	case len(w.settings) > 0:
		field = w.settings[0].field
	}
	switch {
	case f.Mountpoint == "":
		return refuse(field, "%w: cgroup2 is not mounted; mini doctor shows what the host has", ErrNoCgroup)
	case f.Base == "":
		return refuse(field, "%w: %s is not writable and no cgroup was delegated to us (systemd-run --user --scope -p Delegate=yes gives one)", ErrNoCgroup, f.Mountpoint)
	}
	return refuse(field, "%w: %s is not below %s, where we may make cgroups", ErrNoCgroup, at, f.Base)
}

// enables returns one op for each directory from Base to the parent of at,
// from the top down: a controller can be enabled only where the parent has it.
func (w wanted) enables(f Facts, at string) []Op {
	var names []string
	var first string
	for _, s := range w.settings {
		if c := s.controller(); c != "" && !slices.Contains(names, c) {
			names = append(names, c)
			if first == "" {
				first = s.field
			}
		}
	}
	if names == nil {
		return nil
	}
	slices.Sort(names)
	var ops []Op
	for _, dir := range between(f.Base, at) {
		ops = append(ops, &enable{
			note:        note{first, "a cgroup has the files of a controller only if its parent hands the controller down (cgroups(7), cgroup.subtree_control)"},
			dir:         path.Join(f.Mountpoint, dir),
			controllers: names,
		})
	}
	return ops
}
