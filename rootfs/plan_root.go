package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// root plans what the new root directory is: root.path itself, or an overlay.
func (p *planner) root() error {
	if err := onHost(p.c.Root.Path); err != nil {
		return &FieldError{"/root/path", err}
	}
	if p.c.Overlay == nil {
		p.mount = append(p.mount, &enterRoot{
			note: note{"/root/path", "Makes root.path itself the new root; writes go into it (move_mount(2))"},
			name: p.c.Root.Path, from: p.openRoot(true), tree: p.tree,
		})
		return nil
	}
	if !p.f.Privileged && len(p.c.Pieces) > 0 {
		return p.pieces(*p.c.Overlay)
	}
	return p.overlay(*p.c.Overlay)
}

const whyOpenRoot = "Makes a mount of its own of the root directory while host paths can still be reached (open_tree(2))"

// openRoot plans the clone of root.path. Used as it is, the mounts below it
// come along, as engines expect; an overlay would not look into them.
func (p *planner) openRoot(recursive bool) *slot {
	return p.openPath(&openTree{
		note: note{"/root/path", whyOpenRoot},
		name: p.c.Root.Path, recursive: recursive,
		calls: []setattr{{recursive: recursive, attr: unix.MountAttr{Propagation: p.slave.kind}}},
	})
}

func (p *planner) openPath(o *openTree) *slot {
	o.path, o.to = p.hostPath(o.name), p.source()
	o.to.shell = `"$L"/` + strconv.Itoa(len(p.open))
	p.open = append(p.open, o)
	return o.to
}

// overlay plans the copy-on-write root: scratch space, layers attached there
// (before Linux 6.15 overlay takes no detached mounts), the overlays, and away
// with the scratch space; the overlays keep what they need of it.
func (p *planner) overlay(o Overlay) error {
	s := &scratchDir{}
	root, err := p.rootOverlay(o, s)
	if err != nil {
		return err
	}
	subs, err := p.submounts(s)
	if err != nil {
		return err
	}
	p.scratch(o, s)
	for _, made := range append([]*mountOverlay{root}, subs...) {
		p.attachLayers(s, made)
		p.mount = append(p.mount, made)
	}
	p.enterOverlay("overlay", &root.made)
	for _, sub := range subs {
		p.mount = append(p.mount, &bindMount{
			note: note{"/root/path", "Shows a file system mounted below the root directory, copy-on-write as well (move_mount(2))"},
			name: "overlay", dest: sub.dest, from: &sub.made, tree: p.tree, dir: true,
		})
	}
	return nil
}

// scratch plans the space that overlays are made in.
func (p *planner) scratch(o Overlay, s *scratchDir) {
	p.mount = append(p.mount, &makeScratch{
		note: note{"", "Makes the space for the overlay's directories, where no path leads once the root is built (tmpfs(5))"},
		size: o.Size, dir: s,
	})
}

// enterOverlay plans the end of what was made in the scratch space: it becomes
// the root.
func (p *planner) enterOverlay(name string, from *slot) {
	p.mount = append(p.mount,
		&dropScratch{note{"", "Takes the scratch space out of the tree; the overlay keeps it alive (umount2(2))"}},
		&enterRoot{
			note: note{"/root/path", "Puts the overlay on top of everything, as the root to be (move_mount(2))"},
			name: name, from: from, tree: p.tree,
		})
}

// rootOverlay plans to open the layers of the root, and the overlay of them.
func (p *planner) rootOverlay(o Overlay, s *scratchDir) (*mountOverlay, error) {
	lowers, err := p.lowers(o)
	if err != nil {
		return nil, err
	}
	root := &mountOverlay{
		note: note{"/root/path", "Shows the root directory copy-on-write, so that it is never written to itself (overlayfs.rst)"},
		dest: "/", lowers: lowers, scratch: s, userxattr: p.c.UserNS, onebyone: p.f.LowerdirPlus, label: p.c.MountLabel,
	}
	if o.Upper == "" {
		return root, nil
	}
	if onHost(o.Upper) != nil {
		return nil, &FieldError{"/root/path", fmt.Errorf("upper directory %q is not a path", o.Upper)}
	}
	root.upper, root.upperName = p.upper(o.Upper, lowers[len(lowers)-1].path), o.Upper
	return root, nil
}

// layer is a directory that an overlay shows but never changes.
type layer struct {
	name, path string
	*slot
}

func (p *planner) lowers(o Overlay) ([]layer, error) {
	var lowers []layer
	for _, name := range o.Layers {
		if name == "" || onHost(name) != nil {
			return nil, &FieldError{"/root/path", fmt.Errorf("layer %q is not a path", name)}
		}
		from := p.openLayer(note{"", "Makes a mount of its own of a layer above the root directory (open_tree(2))"}, name)
		lowers = append(lowers, layer{name, p.hostPath(name), from})
	}
	from := p.openLayer(note{"/root/path", whyOpenRoot}, p.c.Root.Path)
	return append(lowers, layer{p.c.Root.Path, p.hostPath(p.c.Root.Path), from}), nil
}

// openLayer plans a clone of a lower directory, without what is mounted below
// it. In a user namespace it is idmapped: owned by uid 0 on disk, and by the
// container's uid 0 in the container.
func (p *planner) openLayer(n note, name string) *slot {
	call := setattr{attr: unix.MountAttr{Propagation: unix.MS_PRIVATE}, userns: p.ownUserNS()}
	return p.openPath(&openTree{note: n, name: name, calls: []setattr{call}})
}

// ownUserNS is the container's user namespace if host files are to be idmapped
// to it. An ordinary user's files are mapped well already: they are his.
func (p *planner) ownUserNS() *slot {
	if !p.c.UserNS || !p.f.Privileged {
		return nil
	}
	if p.userns == nil {
		p.userns = &slot{shell: `/proc/"$pid"/ns/user`}
		p.open = append(p.open, &openUserNS{
			note: note{"/linux/namespaces", "Gets hold of the container's user namespace, by whose mappings host files are shown (user_namespaces(7))"},
			pid:  p.pid, to: p.userns,
		})
	}
	return p.userns
}

// upper plans the host directory that keeps the changes. It is idmapped like
// the layers, so that a later run with other id ranges can go on with it.
func (p *planner) upper(name, model string) *slot {
	p.open = append(p.open, &makeUpper{
		note: note{"", "Makes the directories that keep the changes: upper for them, work for the kernel's use (overlayfs.rst)"},
		name: name, path: p.hostPath(name), model: model,
	})
	return p.openLayer(note{"", "Makes a mount of its own of the directory that keeps the changes (open_tree(2))"}, name)
}

func (p *planner) attachLayers(s *scratchDir, o *mountOverlay) {
	o.first = s.layers
	for _, l := range o.lowers {
		p.attachLayer(s, l.name, l.slot)
	}
	if o.upper != nil {
		p.attachLayer(s, p.c.Overlay.Upper, o.upper)
	}
}

func (p *planner) attachLayer(s *scratchDir, name string, from *slot) {
	p.mount = append(p.mount, &attachLayer{
		note: note{"", "Gives the layer a place in this mount namespace, which overlay asks for before Linux 6.15 (move_mount(2))"},
		name: name, from: from, scratch: s, number: s.layers,
	})
	s.layers++
}

// submounts plans an overlay of its own for every file system mounted below
// root.path. Their order is that of the paths, so parents come first.
func (p *planner) submounts(s *scratchDir) ([]*mountOverlay, error) {
	root := p.hostPath(p.c.Root.Path)
	var subs []*mountOverlay
	for _, name := range p.c.Submounts {
		dest, below := strings.CutPrefix(path.Clean(name), strings.TrimSuffix(root, "/")+"/")
		if !path.IsAbs(name) || !below || dest == "" || onHost(name) != nil {
			return nil, &FieldError{"/root/path", fmt.Errorf("submount %q: %w", name, errNotBelow)}
		}
		subs = append(subs, p.subOverlay(path.Clean(name), "/"+dest, s, len(subs)+1))
	}
	return subs, nil
}

// subOverlay plans an overlay of a directory below root.path.
func (p *planner) subOverlay(name, dest string, s *scratchDir, number int) *mountOverlay {
	from := p.openLayer(note{"/root/path", "Makes a mount of its own of a file system below the root directory (open_tree(2))"}, name)
	return &mountOverlay{
		note: note{"/root/path", "Shows a file system mounted below the root directory copy-on-write as well (overlayfs.rst)"},
		dest: dest, lowers: []layer{{name, name, from}}, scratch: s, number: number,
		userxattr: p.c.UserNS, onebyone: p.f.LowerdirPlus, label: p.c.MountLabel,
	}
}

var errNotBelow = errors.New("is not an absolute path below root.path")
