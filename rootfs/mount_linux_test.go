package rootfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func bindOf(source, dest string, words ...string) specs.Mount {
	return specs.Mount{Source: source, Destination: dest, Options: words}
}

// boxWith is a container with procfs and these mounts.
func boxWith(t *testing.T, userns bool, mounts ...specs.Mount) box {
	t.Helper()
	return box{Config: Config{
		Root: rootAt(makeRoot(t)), Overlay: &Overlay{}, UserNS: userns, PidNS: true, NetNS: true, IPCNS: true,
		Mounts: append([]specs.Mount{procMount()}, mounts...),
	}}
}

// tree is a directory with a file system mounted below it, both with a file f.
func mountedTree(t *testing.T) string {
	t.Helper()
	dir := tempDir(t)
	put(t, filepath.Join(dir, "f"), "top")
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	mountTmpfs(t, sub)
	put(t, filepath.Join(sub, "f"), "below")
	return dir
}

func TestBind(t *testing.T) {
	tests := []struct {
		words []string
		want  [4]string // read sub/f, write, write sub, mount
	}{
		{[]string{"bind"}, [4]string{"ENOENT", "ok", "ok", "rw"}},
		{[]string{"rbind"}, [4]string{"below", "ok", "ok", "rw"}},
		{[]string{"rbind", "ro"}, [4]string{"below", "EROFS", "ok", "ro"}},
		{[]string{"rbind", "rro"}, [4]string{"below", "EROFS", "EROFS", "ro"}},
		{[]string{"rbind", "rro", "rw"}, [4]string{"below", "ok", "EROFS", "rw"}},
		{[]string{"bind", "nosuid", "nodev", "noexec", "noatime"}, [4]string{"ENOENT", "ok", "ok", "rw,nosuid,nodev,noexec,noatime"}},
		{[]string{"bind", "ro", "rw", "nosuid", "suid"}, [4]string{"ENOENT", "ok", "ok", "rw"}},
		{[]string{"bind", "strictatime", "nodiratime", "nosymfollow"}, [4]string{"ENOENT", "ok", "ok", "rw,nodiratime,nosymfollow"}},
	}
	for _, userns := range []bool{false, true} {
		for _, tt := range tests {
			t.Run(strings.Join(tt.words, ","), func(t *testing.T) {
				dir := mountedTree(t)
				chmodAll(t, dir) // in a user namespace the container's root owns nothing here
				got := boxWith(t, userns, bindOf(dir, "/data", tt.words...)).in(t,
					"read /data/sub/f", "write /data/f top", "write /data/sub/f below", "mount /data")
				for i, want := range tt.want[:3] {
					if got[i] != want {
						t.Errorf("userns %v: command %d: got %s, want %s", userns, i, got[i], want)
					}
				}
				options := strings.TrimSuffix(strings.Fields(got[3])[1], ",relatime")
				if options != tt.want[3] {
					t.Errorf("mounted %s, want %s", got[3], tt.want[3])
				}
			})
		}
	}
}

func chmodAll(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"", "f", "sub", "sub/f"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBindKeepsFlags: what the source's mount forbids stays forbidden.
func TestBindKeepsFlags(t *testing.T) {
	dir := tempDir(t)
	mountTmpfs(t, dir)
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_NOSUID|unix.MS_NOEXEC, ""); err != nil {
		t.Fatal(err)
	}
	got := boxWith(t, false, bindOf(dir, "/data", "bind", "ro")).in(t, "mount /data")
	expect(t, got, "tmpfs ro,nosuid,noexec,relatime")
	got = boxWith(t, false, bindOf(dir, "/data", "bind", "exec")).in(t, "mount /data")
	expect(t, got, "tmpfs rw,nosuid,relatime")
}

// TestBindFile: a file on a missing file, on an existing one, through a missing
// directory; and a source relative to the bundle.
func TestBindFile(t *testing.T) {
	b := boxWith(t, false)
	b.Bundle = tempDir(t)
	put(t, filepath.Join(b.Bundle, "file"), "bound")
	b.Mounts = append(b.Mounts, bindOf("file", "/new/dir/file", "bind"), bindOf("./file", "/etc/name", "rbind", "ro"))
	got := b.in(t, "read /new/dir/file", "read /etc/name", "write /etc/name x", "stat /new")
	expect(t, got, "bound", "bound", "EROFS", "40755 0:0")
}

func TestBindMissingSource(t *testing.T) {
	_, err := boxWith(t, false, bindOf("/no/such/source", "/data", "bind")).try(t)
	if err == nil || !strings.Contains(err.Error(), "/no/such/source") || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
}

// TestIdmap: owners are shifted by the mount's own mappings, or by those of the
// container.
func TestIdmap(t *testing.T) {
	dir := mountedTree(t)
	own := bindOf(dir, "/own", "bind", "idmap")
	own.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1234, Size: 1}}
	own.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 4321, Size: 1}}
	tree := own
	tree.Destination, tree.Options = "/tree", []string{"rbind", "ridmap"}
	top := own
	top.Destination, top.Options = "/top", []string{"rbind", "idmap"}
	got := boxWith(t, false, own, tree, top).in(t, "stat /own/f", "stat /tree/sub/f", "stat /tree/f", "stat /top/f", "stat /top/sub/f")
	expect(t, got, "100644 1234:4321", "100644 1234:4321", "100644 1234:4321", "100644 1234:4321", "100644 0:0")

	got = boxWith(t, true, bindOf(dir, "/data", "rbind", "ridmap"), bindOf(dir, "/plain", "bind")).in(t,
		"stat /data/f", "stat /data/sub/f", "write /data/g new", "stat /plain/f", "write /plain/h no")
	expect(t, got, "100644 0:0", "100644 0:0", "ok", "100644 65534:65534", "EACCES")
	if got := stat(filepath.Join(dir, "g")); got != "100644 0:0" {
		t.Errorf("on disk the new file is %s", got)
	}
}

// TestNoHelperLeft: the process that a user namespace was made with is gone.
func TestNoHelperLeft(t *testing.T) {
	needRoot(t)
	for range 20 {
		op := &makeUserNS{uids: "0 1000 1\n", gids: "0 1000 1\n", to: &slot{}}
		if err := op.Do(); err != nil {
			t.Fatal(err)
		}
		op.to.file.Close()
	}
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WALL|unix.WNOWAIT, nil); err != unix.ECHILD {
		t.Errorf("there are children still: %v", err)
	}
	bad := &makeUserNS{uids: "0 1000 1\n0 1000 1\n", gids: "", to: &slot{}}
	if err := bad.Do(); !errors.Is(err, unix.EINVAL) {
		t.Errorf("overlapping maps: got %v, want EINVAL", err)
	}
}

func TestFileSystems(t *testing.T) {
	fs := func(fstype, dest string, words ...string) specs.Mount {
		return specs.Mount{Type: fstype, Source: fstype, Destination: dest, Options: words}
	}
	for _, userns := range []bool{false, true} {
		got := boxWith(t, userns,
			fs("tmpfs", "/a", "ro", "size=64k"), fs("tmpfs", "/b", "mode=1700", "uid=5", "noatime", "nosymfollow"),
			fs("tmpfs", "/c", "rro", "sync", "dirsync", "nosuid,nodev,size=32k"),
			fs("tmpfs", "/d", "rw", "shared"), fs("tmpfs", "/d", "remount", "ro", "noexec"), fs("tmpfs", "/e", "strictatime"),
			specs.Mount{Destination: "/e", Options: []string{"remount", "bind", "ro", "nodev"}},
			specs.Mount{Destination: "/f", Type: "tmpfs"}, fs("tmpfs", "/f", "unbindable"), fs("tmpfs", "relative/dir"),
		).in(t, "mount /a", "mount /b", "stat /b", "mount /c", "mount /d", "mount /e", "mount /f", "mount /relative/dir")
		got[4], _, _ = strings.Cut(got[4], " shared:")
		expect(t, got, "tmpfs ro,relatime", "tmpfs rw,noatime,nosymfollow", "41700 5:0", "tmpfs ro,nosuid,nodev,relatime",
			"tmpfs ro,noexec,relatime", "tmpfs ro,nodev", "tmpfs rw,relatime unbindable", "tmpfs rw,relatime")
	}
}

// TestKernelWords: the file system's own explanation reaches the user.
func TestKernelWords(t *testing.T) {
	_, err := boxWith(t, false, specs.Mount{Type: "tmpfs", Destination: "/a", Options: []string{"size=huge"}}).try(t)
	if err == nil || !strings.Contains(err.Error(), "fsconfig size") || !strings.Contains(err.Error(), "Bad value") {
		t.Errorf("got %v", err)
	}
	_, err = boxWith(t, false, specs.Mount{Type: "nosuchfs", Destination: "/a"}).try(t)
	if err == nil || !strings.Contains(err.Error(), "fsopen nosuchfs: no such device") {
		t.Errorf("got %v", err)
	}
}

// TestHostSysfs: without a network namespace of its own, a container in a user
// namespace sees the host's sysfs, and can change nothing there.
func TestHostSysfs(t *testing.T) {
	b := boxWith(t, true, specs.Mount{Type: "sysfs", Source: "sysfs", Destination: "/sys", Options: []string{"nosuid", "noexec", "nodev"}})
	b.NetNS = false
	got := b.in(t, "mount /sys", "exists /sys/kernel", "mounts")
	expect(t, got, "sysfs ro,nosuid,nodev,noexec,relatime", "yes")
	for line := range strings.Lines(got[2]) {
		if f := strings.Fields(line); strings.HasPrefix(f[4], "/sys") && !strings.HasPrefix(f[5], "ro") {
			t.Errorf("writable: %s", line)
		}
	}
}

// TestPropagation: mounts of the host reach the container or not, as its bind
// mounts say; those of the container reach the host if both mount and root are
// shared.
func TestPropagation(t *testing.T) {
	needRoot(t)
	tests := []struct {
		name, root string
		words      []string
		spreads    string // of a mount on the host: what the container sees
		back       bool   // of a mount in the container
	}{
		{"default", "", []string{"rbind"}, "yes", false},
		{"rslave", "", []string{"rbind", "rslave"}, "yes", false},
		{"rprivate", "", []string{"rbind", "rprivate"}, "ENOENT", false},
		{"private root", "private", []string{"rbind"}, "ENOENT", false},
		{"shared", "shared", []string{"rbind", "rshared"}, "yes", true},
		{"shared under a slave", "rslave", []string{"rbind", "rshared"}, "yes", false},
		{"slave under a shared", "rshared", []string{"rbind", "shared", "rslave"}, "yes", false},
		{"unsaid under a shared", "rshared", []string{"rbind"}, "yes", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tempDir(t)
			mountTmpfs(t, dir)
			for _, d := range []string{"in", "out"} {
				if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := unix.Mount("", dir, "", unix.MS_SHARED, ""); err != nil {
				t.Fatal(err)
			}
			b := boxWith(t, false, bindOf(dir, "/data", tt.words...))
			b.Propagation = tt.root
			b.during = func() {
				mountTmpfs(t, filepath.Join(dir, "in"))
				put(t, filepath.Join(dir, "in/f"), "")
			}
			got := b.in(t, "sync", "exists /data/in/f", "mount-tmpfs /data/out", "write /data/out/g x")
			expect(t, got, "sync", tt.spreads, "ok", "ok")
			if _, err := os.Lstat(filepath.Join(dir, "out/g")); (err == nil) != tt.back {
				t.Errorf("the container's mount reached the host: %v", err == nil)
			}
		})
	}
}

// TestRootPropagation: the root mount itself, at the end.
func TestRootPropagation(t *testing.T) {
	for word, want := range map[string]string{"": "", "shared": "shared:", "rshared": "shared:", "private": "", "unbindable": "unbindable"} {
		for _, overlay := range []*Overlay{nil, {}} {
			b := boxWith(t, false)
			b.Propagation, b.Overlay = word, overlay
			got := b.in(t, "mount /")
			_, rest, _ := strings.Cut(got[0], "relatime")
			if !strings.HasPrefix(strings.TrimSpace(rest), want) || want == "" && strings.Contains(rest, "shared:") {
				t.Errorf("%q: the root is %s", word, got[0])
			}
		}
	}
}
