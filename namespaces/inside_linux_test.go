package namespaces

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// helpInside does the inside ops of a plan after spoiling /proc, and answers
// with what the sysctls are then.
func helpInside(text string) error {
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	steps, err := Plan(c, root, &Child{})
	if err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make / private: %w", err)
	}
	// A file that lies in the way of whoever goes through /proc.
	if len(c.Sysctl) > 0 {
		if err := unix.Mount("/dev/null", "/proc/sys/net/ipv4/ip_forward", "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("cover: %w", err)
		}
	}
	if err := run(steps.Inside); err != nil {
		return answer(err.Error())
	}
	if len(c.Sysctl) > 0 {
		if err := unix.Unmount("/proc/sys/net/ipv4/ip_forward", 0); err != nil {
			return err
		}
	}
	var values []string
	for _, key := range sortedKeys(c.Sysctl) {
		path, _ := sysctlPath(key)
		value, err := os.ReadFile("/proc/sys/" + path)
		if err != nil {
			return err
		}
		values = append(values, key+"="+strings.TrimSpace(string(value)))
	}
	return answer(strings.Join(values, " "))
}

// inside starts a helper in c which does the inside ops.
func inside(t *testing.T, c Config) *started {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	child, stdin, stdout := newChild(t, "inside", string(text))
	steps, err := Plan(c, root, child)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, child, stdin, stdout, steps.Spawn)
}

func TestInside(t *testing.T) {
	needRoot(t)
	host, _ := os.Hostname()
	c := Config{
		Hostname: "inside", Domainname: "example.org",
		Sysctl: map[string]string{"net.ipv4.ip_forward": "1", "kernel/shmmax": "65536", "fs.mqueue.msg_max": "11"},
	}
	for _, types := range []string{"pid network mount ipc uts", "pid network mount ipc uts user"} {
		c.Namespaces = list(types)
		if strings.Contains(types, "user") {
			c.UIDMappings, c.GIDMappings = someIDs, someIDs
		}
		s := inside(t, c)
		if s.Hostname != "inside" || s.Domain != "example.org" {
			t.Errorf("names are %q and %q", s.Hostname, s.Domain)
		}
		if !s.LoUp {
			t.Error("lo is down")
		}
		if want := "fs.mqueue.msg_max=11 kernel/shmmax=65536 net.ipv4.ip_forward=1"; s.Text != want {
			t.Errorf("sysctls are %q, want %q", s.Text, want)
		}
		s.stop(t)
	}
	if now, _ := os.Hostname(); now != host {
		t.Errorf("the host is called %q now, was %q", now, host)
	}
}

// TestNoLo wants lo left alone where the network namespace is not new.
func TestNoLo(t *testing.T) {
	needRoot(t)
	target := startIn(t, Config{Namespaces: list("network")})
	defer target.stop(t)
	s := inside(t, Config{Namespaces: append(joinAll(target, "network"), list("mount")...)})
	defer s.stop(t)
	if s.LoUp {
		t.Error("lo is up in a joined network namespace")
	}
}

func TestSysctlErrors(t *testing.T) {
	needRoot(t)
	for key, want := range map[string]string{
		"net.ipv4.no_such_thing": "openat2: no such file",
		"net.ipv4.conf":          "openat2: is a directory",
	} {
		s := inside(t, Config{Namespaces: list("network mount"), Sysctl: map[string]string{key: "1"}})
		if !strings.Contains(s.Text, want) {
			t.Errorf("%s: got %q, want %q", key, s.Text, want)
		}
		s.stop(t)
	}
}

// helpForbidden forbids itself user namespaces and then wants one.
func helpForbidden() error {
	c := Config{Namespaces: list("user"), UIDMappings: ownRoot, GIDMappings: ownRoot}
	f, err := Probe()
	if err != nil {
		return err
	}
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	steps, err := Plan(c, f, &Child{Exe: exe, Args: []string{"x"}})
	if err != nil {
		return err
	}
	if err := calls.Do(&sysctl{path: "user/max_user_namespaces", value: "0"}); err != nil {
		return err
	}
	if err := run(steps.Spawn); !errors.Is(err, unix.ENOSPC) {
		return answer(fmt.Sprintf("got error %v, want ENOSPC", err))
	}
	return answer("ENOSPC")
}

var ownRoot = []specs.LinuxIDMapping{mapping(0, 0, 1)}

// TestForbiddenUser wants the errno of a forbidden user namespace to come back.
// The limit is set in a user namespace of the test's own.
func TestForbiddenUser(t *testing.T) {
	needRoot(t)
	child, stdin, stdout := newChild(t, "forbidden")
	steps, err := Plan(Config{Namespaces: list("user"), UIDMappings: someIDs, GIDMappings: someIDs}, root, child)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, child, stdin, stdout, steps.Spawn)
	defer s.stop(t)
	if s.Text != "ENOSPC" {
		t.Error(s.Text)
	}
}

// TestProcPath wants /proc itself refused where something else lies there.
func TestProcPath(t *testing.T) {
	for path, want := range map[string]string{"/": "is not on a procfs", "/proc/sys": "is not the root of a procfs", "/proc": ""} {
		f := openFile(t, path)
		l := calls.New()
		isProcRoot(l, calls.N(f.Fd()))
		if err := l.Flush(); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: got error %v, want %q", path, err, want)
		}
	}
}
