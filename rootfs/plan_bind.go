package rootfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// bind plans a host file or directory shown at the destination.
func (p *planner) bind(e entry) error {
	if e.Source == "" {
		return &FieldError{"/source", errors.New("is missing: a bind mount shows a path of the host")}
	}
	if err := p.dataOnBind(e); err != nil {
		return err
	}
	for _, s := range e.super {
		if !isDefault(s) && s.key != "ro" {
			return optionError(e.Mount, s.key, errOnBind)
		}
	}
	userns, err := p.mountUserNS(e)
	if err != nil {
		return err
	}
	mode := p.slave
	if p.peers(e) {
		mode = propagationMode{}
	}
	p.bindFrom(e, &openTree{
		note: note{e.field + "/source", "Makes a mount of its own of the source, with the attributes it is to have (open_tree(2), mount_setattr(2))"},
		name: e.Source, words: e.words, recursive: e.recursive, calls: setattrs(e.options, userns, mode),
	}, "Shows a path of the host (move_mount(2))")
	return nil
}

// peers tells whether a mount is to stay tied to that of the host both ways, so
// that what the container mounts there appears on the host: it must say so, and
// so must the root (config-linux.md, "Rootfs Mount Propagation"; runc, too, cuts
// the ties unless the root is shared).
func (p *planner) peers(e entry) bool {
	if p.c.Propagation != "shared" && p.c.Propagation != "rshared" || len(e.propagation) == 0 {
		return false
	}
	return e.propagation[len(e.propagation)-1].kind == unix.MS_SHARED
}

var errOnBind = errors.New("belongs to the file system; a bind mount cannot change it")

// dataOnBind is about options of a file system on a mount that makes none. runc
// and crun pass over them. One with a value, as mode=755, is warned of; a word
// alone may be meant for the mount, as readonly, and is refused.
func (p *planner) dataOnBind(e entry) error {
	for _, d := range e.data {
		at := fmt.Sprintf("/options/%d", d.index)
		if d.flag {
			return &FieldError{at, fmt.Errorf("%s is not an option of bind mounts", d.key)}
		}
		p.warnings = append(p.warnings, Warning{e.field + at, d.key + "= has no effect: it is not an option of bind mounts"})
	}
	return nil
}

func (p *planner) bindFrom(e entry, o *openTree, why string) {
	open := p.openPath
	if p.inTurn(e, o) {
		open = p.openHere
	}
	from := open(o)
	p.mount = append(p.mount, &bindMount{
		note: note{e.field, why},
		name: o.name, dest: e.dest, words: e.words, recursive: o.recursive,
		from: from, tree: p.tree, shell: o.shellOptions(),
	})
}

// inTurn tells whether init can open the source itself, when it is the mount's
// turn. Since Linux 6.8 mountinfo lists mounts by age and not by place, and some
// who read it expect the order of the configuration. In a user namespace init
// may not look into every directory, and the parent's tie to the host is another
// than that of init's copy of the host's mounts.
func (p *planner) inTurn(e entry, o *openTree) bool {
	return p.f.Privileged && !p.c.UserNS && !o.idmapped() && !p.peers(e)
}

// openHere is openPath, but done by init.
func (p *planner) openHere(o *openTree) *slot {
	o.path, o.to = p.hostPath(o.name), &slot{shell: `"$L"/turn` + strconv.Itoa(len(p.mount))}
	p.mount = append(p.mount, o)
	return o.to
}

// mountUserNS is the user namespace by which a bind mount is idmapped: of the
// mount's own mappings if it has any, else the container's; nil for none.
// Mappings without the word idmap mean it too, as older engines wrote it.
func (p *planner) mountUserNS(e entry) (*slot, error) {
	own := len(e.UIDMappings) > 0 || len(e.GIDMappings) > 0
	switch {
	case !own && !e.idmap:
		return nil, nil
	case !p.f.Privileged:
		return nil, &FieldError{"/options", errors.New("an idmapped mount needs root on the host")}
	case !own && !p.c.UserNS:
		return nil, &FieldError{"/options", errors.New("idmap needs mappings: the mount has none, and the container no user namespace")}
	case !own:
		return p.ownUserNS(), nil
	case len(e.UIDMappings) == 0:
		return nil, &FieldError{"/uidMappings", errors.New("is missing beside gidMappings")}
	case len(e.GIDMappings) == 0:
		return nil, &FieldError{"/gidMappings", errors.New("is missing beside uidMappings")}
	}
	return p.madeUserNS(e), nil
}

// madeUserNS plans a user namespace that exists for its mappings alone. Mounts
// with equal mappings share one.
func (p *planner) madeUserNS(e entry) *slot {
	op := &makeUserNS{
		note: note{e.field + "/uidMappings", "Makes a user namespace for its id mappings alone; a mount keeps them, not it (mount_setattr(2), \"MOUNT_ATTR_IDMAP\")"},
		uids: mapText(e.UIDMappings), gids: mapText(e.GIDMappings), to: &slot{shell: mapWord(e.Mount)},
	}
	key := op.uids + "/" + op.gids
	if made := p.namespaces[key]; made != nil {
		return made
	}
	if p.namespaces == nil {
		p.namespaces = map[string]*slot{}
	}
	p.namespaces[key] = op.to
	p.open = append(p.open, op)
	return op.to
}

// mapText writes mappings as /proc/<pid>/uid_map takes them. For a mount the
// left number is that on the disk and the right one that in the mount.
func mapText(maps []specs.LinuxIDMapping) string {
	var b strings.Builder
	for _, m := range maps {
		fmt.Fprintf(&b, "%d %d %d\n", m.ContainerID, m.HostID, m.Size)
	}
	return b.String()
}

// mapWord writes mappings as mount(8) takes them in X-mount.idmap, since
// util-linux 2.39.
func mapWord(m specs.Mount) string {
	var list []string
	for _, part := range []struct {
		kind string
		maps []specs.LinuxIDMapping
	}{{"u", m.UIDMappings}, {"g", m.GIDMappings}} {
		for _, r := range part.maps {
			list = append(list, fmt.Sprintf("%s:%d:%d:%d", part.kind, r.ContainerID, r.HostID, r.Size))
		}
	}
	return quote(strings.Join(list, " "))
}
