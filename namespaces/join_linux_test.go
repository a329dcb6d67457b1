package namespaces

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// nsPath is where a running helper's namespace can be joined.
func nsPath(s *started, file string) string {
	return fmt.Sprintf("/proc/%d/ns/%s", s.child.Pid, file)
}

// joinAll is a config that joins the namespaces of s by path.
func joinAll(s *started, types string) []specs.LinuxNamespace {
	var ns []specs.LinuxNamespace
	for _, n := range list(types) {
		k, _ := kindOf(n.Type)
		ns = append(ns, specs.LinuxNamespace{Type: n.Type, Path: nsPath(s, k.file)})
	}
	return ns
}

// wantSame checks that both are in the same namespaces of the given files.
func wantSame(t *testing.T, s, o *started, files string) {
	t.Helper()
	for _, f := range strings.Fields(files) {
		if s.Namespaces[f] != o.Namespaces[f] {
			t.Errorf("%s namespace is %s, want %s", f, s.Namespaces[f], o.Namespaces[f])
		}
	}
}

func TestJoinByPath(t *testing.T) {
	needRoot(t)
	for _, types := range append(strings.Fields(allNames), "pid network mount ipc uts cgroup", allNames, "time user cgroup uts ipc mount network pid") {
		t.Run(types, func(t *testing.T) {
			c := Config{Namespaces: list(types)}
			if strings.Contains(types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			target := startIn(t, c)
			defer target.stop(t)
			s := startIn(t, Config{Namespaces: joinAll(target, types)})
			defer s.stop(t)
			var files []string
			for _, n := range list(types) {
				k, _ := kindOf(n.Type)
				files = append(files, k.file)
			}
			wantNew(t, s, strings.Join(files, " "))
			wantSame(t, s, target, strings.Join(files, " "))
			if strings.Contains(types, "user") && (s.UID != 0 || s.CapEff != target.CapEff) {
				t.Errorf("uid %d, capabilities %s, want 0 and %s", s.UID, s.CapEff, target.CapEff)
			}
		})
	}
}

// owner is the user namespace that owns a namespace, as "user:[n]".
func owner(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.IoctlRetInt(int(f.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		t.Fatalf("owner of %s: %v", path, err)
	}
	defer unix.Close(fd)
	link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	return link
}

// TestOwners wants all new namespaces but user to belong to the user namespace
// the process is in, new or joined.
func TestOwners(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("user network"), UIDMappings: someIDs, GIDMappings: someIDs})
	defer target.stop(t)
	host := startIn(t, Config{Namespaces: list("network")})
	defer host.stop(t)
	for name, c := range map[string]Config{
		"new":              {Namespaces: list(allNames), UIDMappings: someIDs, GIDMappings: someIDs},
		"fast":             {Namespaces: list("user pid mount network ipc uts cgroup"), UIDMappings: someIDs, GIDMappings: someIDs},
		"host's net":       {Namespaces: append(joinAll(host, "network"), list("user pid mount ipc uts cgroup time")...), UIDMappings: someIDs, GIDMappings: someIDs},
		"joined user":      {Namespaces: append(joinAll(target, "user"), list("pid mount network ipc uts cgroup time")...)},
		"joined and host":  {Namespaces: append(append(joinAll(target, "user"), joinAll(host, "network")...), list("pid mount ipc uts cgroup time")...)},
		"joined user, net": {Namespaces: append(joinAll(target, "network user"), list("pid mount ipc uts cgroup time")...)},
	} {
		t.Run(name, func(t *testing.T) {
			s := startIn(t, c)
			defer s.stop(t)
			made := "pid mnt net ipc uts cgroup time"
			if name == "fast" {
				made = "pid mnt net ipc uts cgroup"
			}
			wantNew(t, s, "user "+made)
			for _, f := range strings.Fields(made) {
				want := s.Namespaces["user"]
				if f == "net" && strings.Contains(name, "host") {
					want = ownNamespaces()["user"]
					wantSame(t, s, host, "net")
				}
				if got := owner(t, nsPath(s, f)); got != want {
					t.Errorf("%s is owned by %s, want %s", f, got, want)
				}
			}
			if s.Pid != 1 {
				t.Errorf("pid inside is %d, want 1", s.Pid)
			}
		})
	}
}

func TestJoinProcess(t *testing.T) {
	needRoot(t)
	for _, types := range []string{"", "mount", "user", "pid mount uts", allNames} {
		t.Run(types, func(t *testing.T) {
			c := Config{Namespaces: list(types)}
			if strings.Contains(types, "user") {
				c.UIDMappings, c.GIDMappings = someIDs, someIDs
			}
			target := startIn(t, c)
			defer target.stop(t)
			child, stdin, stdout := newChild(t, "report")
			ops, err := Join(child, target.child.Pid, target.child.Pidfd)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, child, stdin, stdout, ops)
			defer s.stop(t)
			wantSame(t, s, target, "user pid mnt net ipc uts cgroup time")
			checkCell(t, s)
			if s.CapEff != target.CapEff || s.UID != 0 {
				t.Errorf("uid %d, capabilities %s, want 0 and %s", s.UID, s.CapEff, target.CapEff)
			}
		})
	}
}

func TestJoinGone(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{})
	pid, pidfd := target.child.Pid, target.child.Pidfd
	dup, err := unix.Dup(int(pidfd.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	gone := os.NewFile(uintptr(dup), "pidfd")
	defer gone.Close()
	target.stop(t)
	child, _, _ := newChild(t, "report")
	if _, err := Join(child, pid, gone); !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ESRCH) {
		t.Errorf("got error %v, want ENOENT or ESRCH", err)
	}
	if _, err := Join(child, os.Getpid(), gone); !errors.Is(err, unix.ESRCH) {
		t.Errorf("got error %v, want ESRCH", err)
	}
}
