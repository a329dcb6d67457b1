package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The tests of this and the next files are the published holes of other
// runtimes. Each shows the attack failing. Where it was a race it is run as one:
// a second process's part is a thread here that swaps a path as fast as it can.

// races is how often a container is started while somebody swaps paths.
const races = 60

// A victim is a root file system that an attacker can write to while containers
// start in it, and a directory of the host which nothing must happen to.
type victim struct {
	t          *testing.T
	root, host string
}

func newVictim(t *testing.T) victim {
	t.Helper()
	v := victim{t, filepath.Join(t.TempDir(), "root"), t.TempDir()}
	if err := os.CopyFS(v.root, os.DirFS(rootfsDir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.host, "secret"), []byte("of the host\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return v
}

// bundle is one on the attacked root, which is used as it is.
func (v victim) bundle(u user, changes ...func(*specs.Spec)) string {
	v.t.Helper()
	return u.bundle(append(changes, func(s *specs.Spec) { s.Root = &specs.Root{Path: v.root} })...)
}

// plant puts a link to the host, by the same path as the attacker would find it,
// beside a path of the root, and swaps the two until the test's end.
func (v victim) plant(path, target string) {
	v.t.Helper()
	real := filepath.Join(v.root, path)
	fake := real + ".swap"
	if err := os.Symlink(target, fake); err != nil {
		v.t.Fatal(err)
	}
	var over atomic.Bool
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for !over.Load() {
			_ = unix.Renameat2(unix.AT_FDCWD, real, unix.AT_FDCWD, fake, unix.RENAME_EXCHANGE)
		}
	})
	v.t.Cleanup(func() { over.Store(true); swapper.Wait() })
}

// untouched requires that the host's directory is as it was and that nothing is
// mounted there.
func (v victim) untouched() {
	v.t.Helper()
	list, err := os.ReadDir(v.host)
	if err != nil || len(list) != 1 || list[0].Name() != "secret" {
		v.t.Errorf("the host's directory has %v, %v", list, err)
	}
	if text, err := os.ReadFile(filepath.Join(v.host, "secret")); string(text) != "of the host\n" {
		v.t.Errorf("the host's file has %q, %v", text, err)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), v.host) {
		v.t.Errorf("something is mounted on the host's directory, or: %v", err)
	}
}

// mount adds one to the configuration.
func mount(m specs.Mount) func(*specs.Spec) {
	return func(s *specs.Spec) { s.Mounts = append(s.Mounts, m) }
}

// TestCVE202130465: a directory on the way to where a volume is mounted becomes a
// link to the host's /. Either the start is refused or the volume is in the
// container, where the configuration says.
func TestCVE202130465(t *testing.T) {
	u, v := newUser(t), newVictim(t)
	volume := t.TempDir()
	if err := os.WriteFile(filepath.Join(volume, "mine"), []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(volume, 0o755)
	if err := os.MkdirAll(filepath.Join(v.root, "way"+v.host), 0o755); err != nil {
		t.Fatal(err)
	}
	v.plant("way", "/")
	dir := v.bundle(u, mount(specs.Mount{Destination: "/way" + v.host, Type: "bind", Source: volume, Options: []string{"bind"}}),
		sh("cat /way"+v.host+"/mine "+v.host+"/mine 2>/dev/null; cat /way"+v.host+"/secret "+v.host+"/secret 2>/dev/null; exit 0"))
	mounted := 0
	for range races {
		r := u.mini("run", "--overlay", "off", dir)
		if strings.Contains(r.stdout, "of the host") {
			t.Fatalf("the host's file is seen inside:\n%s", r.stdout)
		}
		if r.status == 0 {
			mounted++
		} else if r.status != 125 {
			t.Errorf("status %d: %s", r.status, r.stderr)
		}
		v.untouched()
	}
	t.Logf("%d of %d starts were not refused", mounted, races)
}

// TestCVE202445310: what a bind mount is put on is made where it is missing, but
// not on the host, while a directory on the way becomes a link to there.
func TestCVE202445310(t *testing.T) {
	u, v := newUser(t), newVictim(t)
	if err := os.MkdirAll(filepath.Join(v.root, "way"), 0o755); err != nil {
		t.Fatal(err)
	}
	v.plant("way", v.host)
	source := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(source, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range races {
		dir := v.bundle(u, sh("exit 0"),
			mount(specs.Mount{Destination: fmt.Sprintf("/way/dir%d/deep", i), Type: "tmpfs", Source: "tmpfs"}),
			mount(specs.Mount{Destination: fmt.Sprintf("/way/file%d", i), Type: "bind", Source: source, Options: []string{"bind"}}))
		if r := u.mini("run", "--overlay", "off", dir); r.status != 0 && r.status != 125 {
			t.Errorf("status %d: %s", r.status, r.stderr)
		}
		v.untouched()
	}
}

// TestCVE202531133: a masked file is covered by the null device, and not by what
// somebody puts in the place of the container's /dev/null.
func TestCVE202531133(t *testing.T) {
	u, v := newUser(t), newVictim(t)
	dev := filepath.Join(v.root, "dev-volume")
	if err := os.Mkdir(dev, 0o755); err != nil {
		t.Fatal(err)
	}
	dirOfHost := filepath.Join(v.host, "secret")
	if err := unix.Mknod(filepath.Join(dev, "null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil {
		t.Fatal(err)
	}
	v.plant("dev-volume/null", dirOfHost)
	masked := func(s *specs.Spec) { s.Linux.MaskedPaths = []string{"/proc/kcore", "/etc/passwd"} }
	// The mask must be empty to read: the null device, whatever /dev/null is.
	dir := v.bundle(u, masked, sh("cat /etc/passwd; cat /proc/kcore; exit 0"), func(s *specs.Spec) {
		for i := range s.Mounts {
			if s.Mounts[i].Destination == "/dev" {
				s.Mounts[i] = specs.Mount{Destination: "/dev", Type: "bind", Source: dev, Options: []string{"bind"}}
			}
		}
	})
	masks := 0
	for range races {
		r := u.mini("run", "--overlay", "off", dir)
		if r.stdout != "" {
			t.Fatalf("a masked path reads as %.100q", r.stdout)
		}
		if r.status == 0 {
			masks++
		}
		v.untouched()
	}
	t.Logf("%d of %d starts were not refused", masks, races)
}
