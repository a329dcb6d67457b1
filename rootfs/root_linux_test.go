package rootfs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOverlay: what is written is seen inside and never reaches the bundle.
func TestOverlay(t *testing.T) {
	for name, facts := range map[string]func(*Facts){
		"lowerdir+": nil,
		"lowerdir":  func(f *Facts) { f.LowerdirPlus = false },
	} {
		t.Run(name, func(t *testing.T) {
			root := makeRoot(t)
			got := box{Config: Config{Root: rootAt(root), PidNS: true, Overlay: &Overlay{}}, facts: facts}.in(t,
				"read /etc/name", "write /etc/name upper", "read /etc/name", "write /new x", "rm /etc/name", "ls /")
			expect(t, got, "lower", "ok", "upper", "ok", "ok", "dev etc new proc sys tmp")
			unchanged(t, root)
		})
	}
}

func unchanged(t *testing.T, root string) {
	t.Helper()
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
	if err := os.Chmod(root, 0o711); err != nil {
		t.Fatal(err)
	}
	c := Config{Root: rootAt(root), UserNS: true, PidNS: true, Overlay: &Overlay{}}
	got := box{Config: c}.in(t, "stat /etc/name", "stat /tmp", "write /etc/name mine", "stat /etc/name", "stat /", "read /etc/name",
		"rm /tmp", "mkdir /tmp", "ls /tmp", "stat /tmp")
	expect(t, got[:7], "100644 0:0", "40755 1000:1000", "ok", "100644 0:0", "40711 0:0", "mine", "ok")
	unchanged(t, root)
	if !kernel(t).atLeast(release{6, 6}) {
		t.Skip("before Linux 6.6 tmpfs has no user.* attributes, by which an overlay notes that a directory is new")
	}
	expect(t, got[7:], "ok", "", "40755 0:0")
}

// TestUnprivileged: planned for an ordinary user's parent, init opens what it
// needs itself, in its user namespace.
func TestUnprivileged(t *testing.T) {
	root := makeRoot(t)
	if err := os.Lchown(root, idBase, idBase); err != nil {
		t.Fatal(err)
	}
	c := fullConfig(root)
	c.UserNS = true
	got := box{Config: c, unprivileged: true}.in(t, "read /etc/name", "write /x y", "write /dev/null x", "stat /dev/zero", "read /proc/cmdline")
	expect(t, got, "lower", "ok", "ok", "20666 65534:65534 1:5", "")
}

// TestNoHostPath: after the pivot no path leads to the host.
func TestNoHostPath(t *testing.T) {
	root := makeRoot(t)
	secret := filepath.Join(t.TempDir(), "secret")
	put(t, secret, "secret")
	for _, overlay := range []*Overlay{nil, {}} {
		c := fullConfig(root)
		c.Overlay = overlay
		got := box{Config: c}.in(t,
			"read "+secret, "read /.."+secret, "read /../../.."+secret, "read /proc/1/root"+secret,
			"read /proc/self/cwd/../.."+secret, "read /proc/self/root/.."+secret, "ls /..")
		expect(t, got, "ENOENT", "ENOENT", "ENOENT", "ENOENT", "ENOENT", "ENOENT", "dev etc proc sys tmp")
	}
}

// TestRootAsItIs: without an overlay the writes go into root.path, and what is
// mounted below it on the host is there.
func TestRootAsItIs(t *testing.T) {
	root := makeRoot(t, "sub")
	mountTmpfs(t, filepath.Join(root, "sub"))
	put(t, filepath.Join(root, "sub/f"), "below")
	got := box{Config: Config{Root: rootAt(root)}}.in(t, "write /new x", "read /sub/f")
	expect(t, got, "ok", "below")
	if b, _ := os.ReadFile(filepath.Join(root, "new")); string(b) != "x" {
		t.Errorf("the write did not reach root.path: %q", b)
	}
}

// mountTmpfs mounts a tmpfs for the time of the test.
func mountTmpfs(t *testing.T, dir string) {
	t.Helper()
	needRoot(t)
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

// TestLayers: an upper layer hides a lower one, in the order given.
func TestLayers(t *testing.T) {
	root, dir := makeRoot(t), t.TempDir()
	for _, name := range []string{"one:a,b", "two"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "etc/name"), name)
		put(t, filepath.Join(dir, name, "etc", name), name)
	}
	o := &Overlay{Layers: []string{filepath.Join(dir, "one:a,b"), filepath.Join(dir, "two")}}
	for _, plus := range []bool{true, false} {
		b := box{Config: Config{Root: rootAt(root), Overlay: o}, facts: func(f *Facts) { f.LowerdirPlus = f.LowerdirPlus && plus }}
		expect(t, b.in(t, "read /etc/name", "ls /etc"), "one:a,b", "name one:a,b two")
	}
}

// TestManyLayers: more than one string of fsconfig could name.
func TestManyLayers(t *testing.T) {
	needRoot(t)
	if f, err := Probe(); err != nil || !f.LowerdirPlus {
		t.Skip("this kernel takes its layers in one string (lowerdir+: Linux 6.8)")
	}
	root, dir := makeRoot(t), t.TempDir()
	var o Overlay
	for i := range 60 {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(name, fmt.Sprint("f", i)), "")
		o.Layers = append(o.Layers, name)
	}
	got := box{Config: Config{Root: rootAt(root), Overlay: &o}}.in(t, "exists /f0", "exists /f59")
	expect(t, got, "yes", "yes")
}

// TestUpperDirectory: the changes stay, owned by root on disk even when they
// were made in a user namespace, and a second run goes on with them.
func TestUpperDirectory(t *testing.T) {
	for _, userns := range []bool{false, true} {
		root, dir := makeRoot(t), t.TempDir()
		c := Config{Root: rootAt(root), UserNS: userns, Overlay: &Overlay{Upper: dir}}
		expect(t, box{Config: c}.in(t, "write /new kept", "stat /", "read /etc/name"), "ok", "40755 0:0", "lower")
		if got := stat(filepath.Join(dir, "upper/new")); got != "100644 0:0" {
			t.Errorf("userns %v: on disk the file is %s", userns, got)
		}
		expect(t, box{Config: c}.in(t, "read /new"), "kept")
		unchanged(t, root)
		if err := RemoveWork(filepath.Join(dir, "work")); err != nil {
			t.Error(err)
		}
		if err := RemoveWork(filepath.Join(dir, "work")); err != nil {
			t.Errorf("a second time: %v", err)
		}
	}
}

// TestSize: the tmpfs that takes the changes is limited.
func TestSize(t *testing.T) {
	got := box{Config: Config{Root: rootAt(makeRoot(t)), Overlay: &Overlay{Size: 1 << 20}}}.in(t, "fill /big", "rm /big", "write /small x")
	expect(t, got, "ENOSPC", "ok", "ok")
}

// TestParallel: many containers share one root directory.
func TestParallel(t *testing.T) {
	root := makeRoot(t)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			c := fullConfig(root)
			c.UserNS = i%2 == 1
			word := fmt.Sprint("mine", i)
			got, err := box{Config: c}.try(t, "write /etc/name "+word, "read /etc/name", "ls /")
			if err != nil {
				t.Error(err)
				return
			}
			expect(t, got, "ok", word, "dev etc proc sys tmp")
		})
	}
	wg.Wait()
	unchanged(t, root)
}

// TestHostRoot: a copy-on-write view of the machine itself, with what is
// mounted below it.
func TestHostRoot(t *testing.T) {
	dir := tempDir(t)
	mountTmpfs(t, dir)
	put(t, filepath.Join(dir, "f"), "host")
	deep := filepath.Join(dir, "deep")
	if err := os.Mkdir(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	mountTmpfs(t, deep)
	put(t, filepath.Join(deep, "g"), "deep")
	for _, userns := range []bool{false, true} {
		if userns && !idmappable(t, "/") {
			t.Logf("the file system of / cannot be idmapped: the user namespace is left out")
			continue
		}
		c := fullConfig("/")
		c.UserNS = userns
		c.Submounts = []string{dir, deep}
		got := box{Config: c}.in(t, "read "+dir+"/f", "write "+dir+"/f mine", "read "+dir+"/f", "read "+deep+"/g",
			"write "+deep+"/h x", "exists /usr/bin/env", "stat "+dir+"/f", "write /new x", "read /etc/hostname")
		expect(t, got, "host", "ok", "mine", "deep", "ok", "yes", "100644 0:0", "ok")
		if b, _ := os.ReadFile(filepath.Join(dir, "f")); string(b) != "host" {
			t.Errorf("the write reached the host: %q", b)
		}
		if _, err := os.Lstat("/new"); err == nil {
			t.Error("a write reached the root of the host")
		}
	}
}

// idmappable: overlayfs, the root of some test machines, is not.
func idmappable(t *testing.T, dir string) bool {
	t.Helper()
	for line := range strings.Lines(mountinfo()) {
		if f := strings.Fields(line); f[4] == dir && strings.Contains(line, " - overlay ") {
			return false
		}
	}
	return true
}

// TestReadonlyRoot: the root is read-only, what is mounted on it is not.
func TestReadonlyRoot(t *testing.T) {
	c := fullConfig(makeRoot(t))
	c.Root.Readonly = true
	got := box{Config: c}.in(t, "write /x y", "write /dev/shm/x y", "mkdir /d", "rm /etc/name")
	expect(t, got, "EROFS", "ok", "EROFS", "EROFS")
}
