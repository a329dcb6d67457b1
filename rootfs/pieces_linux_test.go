package rootfs

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestTakeApart: only what has a mount below it is taken apart, what is not on
// a disk is an empty directory, and the rest is as it is on the host.
func TestTakeApart(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"proc", "usr/bin", "var/lib/disk", "var/log", "var/tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "var/tmp"), os.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("usr/bin", filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "var/file"), nil, 0o640); err != nil {
		t.Fatal(err)
	}
	a := takeApart{root: dir, mounts: map[string]mountLine{
		dir + "/proc":         {fstype: "proc"},
		dir + "/var/lib/disk": {fstype: "ext4"},
	}}
	a.directory("/")
	want := []Piece{
		{Kind: PieceLink, Path: "/bin", Target: "usr/bin", Mode: 0o777},
		{Kind: PieceDirectory, Path: "/proc", Mode: 0o755},
		{Kind: PieceOverlay, Path: "/usr", Mode: 0o755},
		{Kind: PieceDirectory, Path: "/var", Mode: 0o755},
		{Kind: PieceFile, Path: "/var/file", Mode: 0o640},
		{Kind: PieceDirectory, Path: "/var/lib", Mode: 0o755},
		{Kind: PieceOverlay, Path: "/var/lib/disk", Mode: 0o755},
		{Kind: PieceOverlay, Path: "/var/log", Mode: 0o755},
		{Kind: PieceOverlay, Path: "/var/tmp", Mode: 0o1777},
	}
	if !reflect.DeepEqual(a.pieces, want) {
		t.Errorf("got  %v\nwant %v", a.pieces, want)
	}
}

// TestPiecesPlan: root has no need of pieces, and what cannot be kept in pieces
// is refused.
func TestPiecesPlan(t *testing.T) {
	c := Config{Bundle: "/", Root: rootAt("/"), Overlay: &Overlay{}, UserNS: true,
		Pieces: []Piece{{Kind: PieceOverlay, Path: "/usr"}, {Kind: PieceLink, Path: "/bin", Target: "usr/bin"}, {Kind: PieceFile, Path: "/f"}, {Kind: PieceDirectory, Path: "/proc", Mode: 0o555}}}
	text := func(f Facts) string {
		steps, err := Plan(c, f, new(int))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, op := range steps.Mount {
			lines = append(lines, op.String())
		}
		return strings.Join(lines, "\n")
	}
	for _, want := range []string{"open_tree /usr\n", "overlay on /usr (lower=/usr,upper=tmpfs)\n", "attach pieces of / as the new root\n",
		"bind overlay on /usr\nsymlink /bin -> usr/bin\nbind /f on /f (ro)\nmkdir /proc (mode=0555)"} {
		if got := text(Facts{}); !strings.Contains(got, want) {
			t.Errorf("the plan has no %q:\n%s", want, got)
		}
	}
	if got := text(Facts{Privileged: true, IdmappedLayers: true}); strings.Contains(got, "pieces") {
		t.Errorf("root's plan:\n%s", got)
	}
	c.Overlay = &Overlay{Upper: "/kept"}
	if _, err := Plan(c, Facts{}, new(int)); err == nil || !strings.Contains(err.Error(), "/root/path: has mounts below it") {
		t.Errorf("got error %v", err)
	}
}
