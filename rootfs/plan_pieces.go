package rootfs

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

var errPieces = errors.New("has mounts below it, so an ordinary user's view of it is made of pieces, which keep their changes in memory and take no layers: leave --overlay DIR and --layer out")

// pieces plans a root that is put together: a directory of the scratch space,
// and in it overlays, directories, links and files.
func (p *planner) pieces(o Overlay) error {
	if o.Upper != "" || len(o.Layers) > 0 {
		return &FieldError{"/root/path", errPieces}
	}
	s := &scratchDir{}
	p.scratch(o, s)
	base := &makeBase{
		note:    note{"/root/path", "Makes the directory that the pieces of the root are put into (open_tree(2))"},
		scratch: s,
	}
	p.mount = append(p.mount, base)
	overlays := p.pieceOverlays(s)
	p.enterOverlay("pieces of "+p.c.Root.Path, &base.made)
	for _, piece := range p.c.Pieces {
		if err := p.piece(piece, overlays[piece.Path]); err != nil {
			return err
		}
	}
	return nil
}

// pieceOverlays plans the overlays, by their place.
func (p *planner) pieceOverlays(s *scratchDir) map[string]*mountOverlay {
	made := map[string]*mountOverlay{}
	for _, piece := range p.c.Pieces {
		if piece.Kind != PieceOverlay {
			continue
		}
		o := p.subOverlay(p.hostPiece(piece), piece.Path, s, len(made)+1)
		made[piece.Path] = o
		p.attachLayers(s, o)
		p.mount = append(p.mount, o)
	}
	return made
}

// hostPiece is where a piece is on the host.
func (p *planner) hostPiece(piece Piece) string {
	return strings.TrimSuffix(p.hostPath(p.c.Root.Path), "/") + piece.Path
}

// piece plans to put one into its place.
func (p *planner) piece(piece Piece, o *mountOverlay) error {
	if _, err := inside(piece.Path); err != nil {
		return &FieldError{"/root/path", err}
	}
	n := note{"/root/path", "Makes an entry of the root directory as the host has it"}
	switch piece.Kind {
	case PieceOverlay:
		p.attachPiece(piece, o)
	case PieceDirectory:
		p.mount = append(p.mount, &makeDirectory{note: n, path: piece.Path, mode: piece.Mode, tree: p.tree})
	case PieceLink:
		p.mount = append(p.mount, &symlink{note: n, path: piece.Path, target: piece.Target, tree: p.tree})
	case PieceFile:
		n = note{"/root/path", "Shows a file of the host's root directory, read-only (open_tree(2), mount_setattr(2))"}
		from := p.openPath(&openTree{note: n, name: p.hostPiece(piece), calls: []setattr{{attr: unix.MountAttr{
			Attr_set: unix.MOUNT_ATTR_RDONLY, Propagation: unix.MS_PRIVATE}}}})
		p.mount = append(p.mount, &bindMount{note: n, name: p.hostPiece(piece), dest: piece.Path,
			words: []string{"ro"}, shell: []string{"ro"}, from: from, tree: p.tree})
	}
	return nil
}

// attachPiece plans to attach an overlay. If the root is to be read-only, so is
// each of its pieces, once nothing has to be made in it any more.
func (p *planner) attachPiece(piece Piece, o *mountOverlay) {
	p.mount = append(p.mount, &bindMount{
		note: note{"/root/path", "Puts a part of the root directory into its place, copy-on-write (move_mount(2))"},
		name: "overlay", dest: piece.Path, from: &o.made, tree: p.tree, dir: true, keep: p.c.Root.Readonly,
	})
	if p.c.Root.Readonly {
		p.seals = append(p.seals, &sealPiece{
			note: note{"/root/readonly", "Forbids writing to this part of the root directory (mount_setattr(2))"},
			dest: piece.Path, from: &o.made,
		})
	}
}
