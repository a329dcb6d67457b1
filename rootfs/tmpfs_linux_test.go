package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// furnish fills the directory var of a root with one of each kind of file.
func furnish(t *testing.T, root string) {
	t.Helper()
	dir := filepath.Join(root, "var")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "inner/deep"), 0o755),
		os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600),
		os.WriteFile(filepath.Join(dir, "inner/deep/big"), make([]byte, 200<<10), 0o644),
		os.Chown(filepath.Join(dir, "file"), 3, 4),
		os.Chmod(filepath.Join(dir, "file"), 0o755|os.ModeSetuid),
		unix.Setxattr(filepath.Join(dir, "file"), "user.mini", []byte("kept"), 0),
		os.Symlink("/etc/name", filepath.Join(dir, "absolute")),
		os.Symlink("../../../../etc", filepath.Join(dir, "outside")),
		os.Lchown(filepath.Join(dir, "outside"), 7, 8),
		unix.Mkfifo(filepath.Join(dir, "fifo"), 0o640),
		os.Chown(filepath.Join(dir, "inner"), 5, 6),
		os.Chmod(filepath.Join(dir, "inner"), 0o700|os.ModeSticky),
		os.Chown(dir, 1, 2),
		os.Chmod(dir, 0o775|os.ModeSetgid),
		os.Chtimes(filepath.Join(dir, "file"), time.Unix(1000, 0), time.Unix(2000, 0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCopyUp: the copy is like the original, whatever it is, and writing to it
// changes nothing else.
func TestCopyUp(t *testing.T) {
	for _, userns := range []bool{false, true} {
		for _, ro := range []bool{false, true} {
			words := []string{"nosuid", "tmpcopyup"}
			if ro {
				words = append(words, "ro")
			}
			b := boxWith(t, userns, specs.Mount{Destination: "/var", Type: "tmpfs", Source: "tmpfs", Options: words})
			furnish(t, b.Root.Path)
			got := b.in(t, "ls /var", "stat /var", "stat /var/file", "read /var/file", "mtime /var/file", "link /var/absolute", "link /var/outside",
				"stat /var/outside", "stat /var/fifo", "stat /var/inner", "stat /var/inner/deep/big", "mount /var", "write /var/file new")
			expect(t, got, "absolute fifo file inner outside", "42775 1:2", "104755 3:4", "text", "2000", "/etc/name", "../../../../etc",
				"120777 7:8", "10640 0:0", "41700 5:6", "100644 0:0")
			kind, written := "tmpfs rw,nosuid,relatime", "ok"
			if ro {
				kind, written = "tmpfs ro,nosuid,relatime", "EROFS"
			}
			if got[11] != kind || got[12] != written {
				t.Errorf("userns %v, ro %v: %s, a write %s", userns, ro, got[11], got[12])
			}
			if text, err := os.ReadFile(filepath.Join(b.Root.Path, "var/file")); err != nil || string(text) != "text" {
				t.Errorf("the image has %q now, %v", text, err)
			}
		}
	}
}

// TestCopyUpAttributes: tmpfs has user.* since Linux 6.6.
func TestCopyUpAttributes(t *testing.T) {
	b := boxWith(t, false, specs.Mount{Destination: "/var", Type: "tmpfs", Options: []string{"tmpcopyup"}})
	furnish(t, b.Root.Path)
	want := "kept"
	if !kernel(t).atLeast(release{6, 6}) {
		want = "EOPNOTSUPP"
	}
	expect(t, b.in(t, "xattr /var/file user.mini"), want)
}

// TestCopyUpFails: a copy that does not fit is an error, and a missing directory
// has nothing to copy.
func TestCopyUpFails(t *testing.T) {
	b := boxWith(t, false, specs.Mount{Destination: "/var", Type: "tmpfs", Options: []string{"tmpcopyup", "size=64k"}})
	furnish(t, b.Root.Path)
	if _, err := b.try(t); err == nil || !strings.Contains(err.Error(), "inner/deep/big") || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a copy that does not fit: %v", err)
	}
	b = boxWith(t, false, specs.Mount{Destination: "/nothing", Type: "tmpfs", Options: []string{"tmpcopyup"}})
	expect(t, b.in(t, "ls /nothing"), "")
}

// TestTmpfsMode: that of the directory below, unless the options have one.
func TestTmpfsMode(t *testing.T) {
	tmpfs := func(dest string, words ...string) specs.Mount {
		return specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs", Options: words}
	}
	b := boxWith(t, false, tmpfs("/a"), tmpfs("/b", "mode=0700"), tmpfs("/new"))
	for name, mode := range map[string]os.FileMode{"a": 0o751, "b": 0o751} {
		dir := filepath.Join(b.Root.Path, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, b.in(t, "stat /a", "stat /b", "stat /new"), "40751 0:0", "40700 0:0", "41777 0:0")
}

// TestLabelled: which file systems are asked for the container's context.
func TestLabelled(t *testing.T) {
	c := Config{Root: rootAt("r"), Bundle: "/b", Overlay: &Overlay{}, MountLabel: "u:r:t:s0", NetNS: true, PidNS: true, IPCNS: true, CgroupNS: true}
	for _, kind := range []string{"proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "ramfs"} {
		c.Mounts = append(c.Mounts, specs.Mount{Destination: "/m/" + kind, Type: kind})
	}
	c.Mounts[0].Destination = "/proc"
	c.Mounts = append(c.Mounts, specs.Mount{Destination: "/own", Type: "tmpfs", Options: []string{"context=u:r:other:s0"}})
	steps, err := Plan(c, Facts{Privileged: true, SELinux: true}, new(int))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, op := range steps.Mount {
		var m *mountFS
		switch o := op.(type) {
		case *mountFS:
			m = o
		case *freshTmpfs:
			m = &o.mountFS
		case *mountOverlay:
			got["/"] = o.label
			continue
		default:
			continue
		}
		for _, p := range m.params {
			if p.key == "context" {
				got[m.dest] = p.value
			}
		}
		if m.label != "" {
			got[m.dest] = "xattr " + m.label
		}
	}
	want := map[string]string{"/": "u:r:t:s0", "/m/tmpfs": "u:r:t:s0", "/m/devpts": "u:r:t:s0", "/m/ramfs": "u:r:t:s0",
		"/m/mqueue": "xattr u:r:t:s0", "/own": "u:r:other:s0"}
	for dest, label := range want {
		if got[dest] != label {
			t.Errorf("%s: got %q, want %q", dest, got[dest], label)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
