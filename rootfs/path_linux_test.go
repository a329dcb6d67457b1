package rootfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func linkIn(t *testing.T, root, name, target string) {
	t.Helper()
	os.RemoveAll(filepath.Join(root, name))
	if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
		t.Fatal(err)
	}
}

func tmpfsAt(dest string) specs.Mount { return specs.Mount{Type: "tmpfs", Destination: dest} }

// TestLinks: links in the way to a mount point mean what they mean in the
// container, dangling ones too.
func TestLinks(t *testing.T) {
	root := makeRoot(t, "real")
	linkIn(t, root, "absolute", "/etc")
	linkIn(t, root, "up", "../../../../../../etc")
	linkIn(t, root, "dangling", "/run/new/place")
	linkIn(t, root, "etc/resolv.conf", "../run/resolve/stub.conf")
	linkIn(t, root, "chain", "absolute/../real")
	source := filepath.Join(t.TempDir(), "file")
	put(t, source, "bound")
	b := box{Config: Config{Root: rootAt(root), Overlay: &Overlay{}, Mounts: []specs.Mount{
		procMount(), tmpfsAt("/absolute/a"), tmpfsAt("/up/b"), tmpfsAt("/dangling/c"),
		bindOf(source, "/etc/resolv.conf", "bind"), tmpfsAt("/chain"),
	}}}
	got := b.in(t, "mount /etc/a", "mount /etc/b", "mount /run/new/place/c", "read /run/resolve/stub.conf", "mount /real", "link /etc/resolv.conf")
	expect(t, got, "tmpfs rw,relatime", "tmpfs rw,relatime", "tmpfs rw,relatime", "bound", "tmpfs rw,relatime", "../run/resolve/stub.conf")
	for _, name := range []string{"/etc/a", "/etc/b", "/run/new"} {
		if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was made on the host: %v", name, err)
		}
	}
}

// refused expects the container to fail with errno.
func refused(t *testing.T, b box, want error) {
	t.Helper()
	if _, err := b.try(t); err == nil || !errors.Is(err, want) && !strings.Contains(err.Error(), want.Error()) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestRefusedPaths(t *testing.T) {
	with := func(prepare func(root string), mounts ...specs.Mount) box {
		root := makeRoot(t)
		prepare(root)
		return box{Config: Config{Root: rootAt(root), Overlay: &Overlay{}, Mounts: mounts, PidNS: true}}
	}
	nothing := func(string) {}
	t.Run("loop", func(t *testing.T) {
		refused(t, with(func(root string) {
			linkIn(t, root, "a", "b")
			linkIn(t, root, "b", "a")
		}, tmpfsAt("/a/x")), unix.ELOOP)
	})
	t.Run("proc by link", func(t *testing.T) {
		refused(t, with(func(root string) { linkIn(t, root, "proc", "/tmp") }, procMount()), unix.ELOOP)
	})
	t.Run("sys by link", func(t *testing.T) {
		refused(t, with(func(root string) { linkIn(t, root, "sys", "/tmp") },
			specs.Mount{Type: "sysfs", Destination: "/sys"}), unix.ELOOP)
	})
	t.Run("dev by link", func(t *testing.T) {
		b := with(func(root string) { linkIn(t, root, "dev", "/tmp") })
		b.DefaultDevices = true
		refused(t, b, unix.ELOOP)
	})
	t.Run("into proc by link", func(t *testing.T) {
		refused(t, with(func(root string) { linkIn(t, root, "etc/p", "/proc/self/attr") }, procMount(), tmpfsAt("/etc/p")), unix.EPERM)
	})
	t.Run("tmpfs on proc", func(t *testing.T) { refused(t, with(nothing, tmpfsAt("/proc")), unix.EPERM) })
	t.Run("directory on proc", func(t *testing.T) { refused(t, with(nothing, bindOf("/etc", "/proc", "bind")), unix.EPERM) })
	t.Run("directory on file", func(t *testing.T) {
		refused(t, with(nothing, bindOf("/etc", "/etc/name", "bind")), unix.ENOTDIR)
	})
	t.Run("file on directory", func(t *testing.T) {
		refused(t, with(nothing, bindOf("/etc/hostname", "/etc", "bind")), unix.EISDIR)
	})
	t.Run("remount of no mount", func(t *testing.T) {
		refused(t, with(nothing, specs.Mount{Destination: "/etc", Options: []string{"remount", "bind", "ro"}}), unix.EINVAL)
	})
}

// TestProcFiles: the files that lxcfs replaces may be mounted on.
func TestProcFiles(t *testing.T) {
	source := filepath.Join(t.TempDir(), "meminfo")
	put(t, source, "little")
	got := boxWith(t, false, bindOf(source, "/proc/meminfo", "bind")).in(t, "read /proc/meminfo")
	expect(t, got, "little")
}

func TestDevices(t *testing.T) {
	for _, userns := range []bool{false, true} {
		b := boxWith(t, userns, specs.Mount{Type: "tmpfs", Destination: "/dev", Options: []string{"mode=755"}})
		b.DefaultDevices = true
		mode, id := os.FileMode(0o600), uint32(7)
		b.Devices = []specs.LinuxDevice{
			{Path: "/dev/deep/zero", Type: "c", Major: 1, Minor: 5, FileMode: &mode, UID: &id, GID: &id},
			{Path: "/dev/fifo", Type: "p", FileMode: &mode},
		}
		if userns { // bound from the host, so it must be there under that name
			b.Devices = b.Devices[1:]
		}
		got := b.in(t, "head /dev/zero", "head /dev/urandom", "write /dev/full x", "write /dev/null x", "head /dev/tty",
			"stat /dev/fifo", "link /dev/core", "link /dev/fd", "stat /dev/deep/zero", "stat /dev/tty")
		owner := map[bool]string{false: "0:0", true: "65534:65534"}[userns]
		deep := map[bool]string{false: "20600 7:7 1:5", true: "ENOENT"}[userns]
		expect(t, got, "4", "4", "ENOSPC", "ok", "ENXIO", "10600 0:0", "/proc/kcore", "/proc/self/fd", deep, "20666 "+owner+" 5:0")
	}
}

// TestExistingNodes: a node that is there already is taken if it is the right
// one, a link in the place of one is not (CVE-2025-31133).
func TestExistingNodes(t *testing.T) {
	needRoot(t)
	root := makeRoot(t)
	if err := unix.Mknod(filepath.Join(root, "dev/null"), unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))); err != nil {
		t.Fatal(err)
	}
	linkIn(t, root, "dev/fd", "/etc")
	b := box{Config: Config{Root: rootAt(root), Overlay: &Overlay{}, DefaultDevices: true, Mounts: []specs.Mount{procMount()}}}
	expect(t, b.in(t, "stat /dev/null", "link /dev/fd"), "20666 0:0 1:3", "/proc/self/fd")
	linkIn(t, root, "dev/null", "/etc/name")
	refused(t, b, unix.EEXIST)
}

// TestWrongHostDevice: in a user namespace the host's node is bound, if it is
// the device that the configuration means.
func TestWrongHostDevice(t *testing.T) {
	b := boxWith(t, true)
	b.Devices = []specs.LinuxDevice{{Path: "/dev/zero", Type: "c", Major: 1, Minor: 3}}
	refused(t, b, unix.ENODEV)
}

// TestMasks: files read as empty, directories are empty and read-only, missing
// paths are no error, and what the image has at /dev/null does not matter.
func TestMasks(t *testing.T) {
	for _, userns := range []bool{false, true} {
		b := boxWith(t, userns)
		root := b.Root.Path
		for _, d := range []string{"d1", "d2", "ro"} {
			if err := os.Mkdir(filepath.Join(root, d), 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(root, d, "f"), "text")
		}
		put(t, filepath.Join(root, "dev/null"), "not a device")
		put(t, filepath.Join(root, "etc/other"), "other")
		b.MaskedPaths = []string{"/etc/name", "/d1", "/missing", "/etc/name/below", "/d2", "/etc/other", "/ro/f"}
		b.ReadonlyPaths = []string{"/ro", "/missing"}
		b.Root.Readonly = true
		got := b.in(t, "read /etc/name", "ls /d1", "write /d1/x y", "ls /d2", "read /etc/other", "write /etc/other y",
			"read /ro/f", "write /ro/g x", "exists /missing", "read /dev/null")
		expect(t, got, "", "", "EROFS", "", "", "ok", "", "EROFS", "ENOENT", "not a device")
	}
}

// TestExchange: a second process swaps a directory in the root for a link to
// the host while containers start. Nothing of the host is ever mounted on, and
// nothing is made there (CVE-2021-30465).
func TestExchange(t *testing.T) {
	needRoot(t)
	root, outside := makeRoot(t, "vol/dir"), tempDir(t)
	linkIn(t, root, "vol/link", outside)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		a, b := filepath.Join(root, "vol/dir"), filepath.Join(root, "vol/link")
		for {
			select {
			case <-stop:
				return
			default:
				unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
			}
		}
	})
	c := Config{Root: rootAt(root), PidNS: true, Mounts: []specs.Mount{procMount(), tmpfsAt("/vol/dir/sub"), bindOf("/etc/hostname", "/vol/dir/name", "bind")}}
	starts, failures := 0, 0
	for begin := time.Now(); time.Since(begin) < 1500*time.Millisecond || starts == failures && time.Since(begin) < time.Minute; starts++ {
		got, err := box{Config: c}.try(t, "mounts")
		if err != nil {
			failures++
			continue
		}
		for line := range strings.Lines(got[0]) {
			if at := strings.Fields(line)[4]; at != "/" && !strings.HasPrefix(at, "/proc") && !strings.HasPrefix(at, "/vol/") && !strings.HasPrefix(at, outside) {
				t.Errorf("mounted at %s", at)
			}
		}
	}
	close(stop)
	wg.Wait()
	if entries, _ := os.ReadDir(outside); len(entries) > 0 {
		t.Errorf("made on the host: %v", entries)
	}
	t.Logf("%d starts, %d of them lost the race", starts, failures)
	if starts == failures {
		t.Error("not one container started")
	}
}
