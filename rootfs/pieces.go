package rootfs

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// PieceKind says what a Piece is.
type PieceKind int

const (
	PieceOverlay   PieceKind = iota // a directory, copy-on-write, with all below it
	PieceDirectory                  // a directory: empty, or with other pieces in it
	PieceLink                       // a symbolic link
	PieceFile                       // the host's file, as it is
)

// Piece is one entry of a root directory that is put together.
type Piece struct {
	Kind   PieceKind
	Path   string // in the container
	Target string // of a link
	Mode   uint32 // of a directory
}

// Pieces takes the host directory root apart where other file systems are
// mounted below it: an ordinary user may not see what is under those mounts, and
// so can make no overlay of a directory that has any (mount_namespaces(7)). A
// directory without any is one piece. As with Submounts, what is mounted from a
// disk is shown and of anything else the mount point only. Without mounts below
// root there are no pieces.
//
// What such an overlay cannot do is change an entry of a directory that belongs
// to an id which the container does not have, other than the piece's own: the
// kernel would have to make a copy with that owner (EOVERFLOW).
func Pieces(root string) ([]Piece, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	table, err := parseMounts(string(text))
	if err != nil {
		return nil, err
	}
	t := takeApart{root: path.Clean(root), mounts: table.below(root)}
	if len(t.mounts) > 0 {
		t.directory("/")
	}
	return t.pieces, nil
}

// takeApart goes through the directories that have mounts in them.
type takeApart struct {
	root   string
	mounts map[string]mountLine // by mount point
	pieces []Piece
}

// directory adds the entries of one. One that may not be read stays empty.
func (t *takeApart) directory(name string) {
	entries, _ := os.ReadDir(path.Join(t.root, name))
	for _, e := range entries {
		t.entry(path.Join(name, e.Name()), e)
	}
}

func (t *takeApart) entry(name string, e fs.DirEntry) {
	host := path.Join(t.root, name)
	info, err := os.Lstat(host) // of what is mounted there, if anything is
	if err != nil {
		return
	}
	p := Piece{Path: name, Mode: uint32(info.Mode().Perm())}
	if info.Mode()&fs.ModeSticky != 0 {
		p.Mode |= 0o1000
	}
	switch mount, mounted := t.mounts[host]; {
	case e.Type()&fs.ModeSymlink != 0:
		p.Kind = PieceLink
		p.Target, err = os.Readlink(host)
	case info.Mode().IsRegular():
		p.Kind = PieceFile
	case !info.IsDir():
		return // sockets, pipes, devices: nothing to share
	case mounted && !slices.Contains(diskTypes, mount.fstype):
		p.Kind = PieceDirectory
	case t.hasBelow(host):
		p.Kind = PieceDirectory
		t.pieces = append(t.pieces, p)
		t.directory(name)
		return
	}
	if err == nil {
		t.pieces = append(t.pieces, p)
	}
}

func (t *takeApart) hasBelow(dir string) bool {
	for point := range t.mounts {
		if strings.HasPrefix(point, strings.TrimSuffix(dir, "/")+"/") {
			return true
		}
	}
	return false
}
