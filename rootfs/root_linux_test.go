package rootfs

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOverlay: what is written is seen inside and never reaches the bundle.
func TestOverlay(t *testing.T) {
	root := makeRoot(t)
	got := box{Config: Config{Root: rootAt(root), Mounts: nil, PidNS: true, Overlay: &Overlay{}}}.in(t,
		"read /etc/name", "write /etc/name upper", "read /etc/name", "write /new x", "rm /etc/name", "ls /")
	expect(t, got, "lower", "ok", "upper", "ok", "ok", "dev etc new proc sys tmp")
	if b, _ := os.ReadFile(filepath.Join(root, "etc/name")); string(b) != "lower" {
		t.Errorf("the lower file is now %q", b)
	}
	if _, err := os.Lstat(filepath.Join(root, "new")); err == nil {
		t.Error("a new file reached the lower directory")
	}
}

// TestOverlayInUserNamespace: files of uid 0 on disk are uid 0 inside, though
// nothing was chowned, and the bundle may lie where the mapped root may not go.
func TestOverlayInUserNamespace(t *testing.T) {
	root := makeRoot(t)
	if err := os.Chmod(filepath.Dir(root), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(root, "tmp"), 1000, 1000); err != nil {
		t.Fatal(err)
	}
	c := Config{Root: rootAt(root), UserNS: true, PidNS: true, Overlay: &Overlay{}}
	got := box{Config: c}.in(t, "stat /etc/name", "stat /tmp", "write /etc/name mine", "stat /etc/name", "stat /", "read /etc/name")
	expect(t, got, "100644 0:0", "40755 1000:1000", "ok", "100644 0:0", "40755 0:0", "mine")
}
