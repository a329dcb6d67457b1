package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// fakeProc makes a directory of the root that an attacker would like to be taken
// for a procfs.
func (v victim) fakeProc(name string) (settings string) {
	v.t.Helper()
	settings = filepath.Join(v.root, name, "sys/net/ipv4/ip_unprivileged_port_start")
	err := os.MkdirAll(filepath.Dir(settings), 0o755)
	for _, dir := range []string{"self/attr", "thread-self/attr", "self/fd", "sysrq-trigger.d"} {
		if err == nil {
			err = os.MkdirAll(filepath.Join(v.root, name, dir), 0o755)
		}
	}
	if err == nil {
		err = writeFiles(v.root, map[string]string{
			filepath.Join(name, "sys/net/ipv4/ip_unprivileged_port_start"): "fake\n",
			filepath.Join(name, "self/attr/exec"):                          "fake\n",
			filepath.Join(name, "version"):                                 "fake\n",
		})
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return settings
}

// reallyProc is a script that prints what is wrong with /proc. 9fa0 is the magic
// number of procfs (statfs(2)).
const reallyProc = `[ $(stat -f -c %t /proc) = 9fa0 ] || echo no procfs
[ $(stat -c %t:%T /proc/version) = 1:3 ] || echo not masked
(: >/proc/sys/net/ipv4/ip_forward) 2>/dev/null && echo not read-only
[ $(stat -f -c %t /sys) = 62656572 ] || echo no sysfs
awk '$5 ~ "^/(fake|proc/self|proc/sys/)" || $5 == "/proc" && $3 != proc { print "mounted on", $5 }
	$5 == "/proc" { proc = $3 }' /proc/self/mountinfo | grep -v 'mounted on /proc$'
exit 0`

func maskVersion(s *specs.Spec) {
	s.Linux.MaskedPaths = []string{"/proc/version", "/sys/firmware"}
}

// TestCVE201916884: runc let an image's volume be mounted on /proc, or on a part of
// it through a link, so that labels were written into the volume and masks lay below
// it. It must be refused, or be elsewhere.
func TestCVE201916884(t *testing.T) {
	for _, at := range []string{"/proc", "/proc/self", "/proc/self/attr", "/proc/thread-self/attr", "/proc/sys/net", "/link", "/link/attr", "/up/self"} {
		v := newVictim(t)
		v.fakeProc("fake")
		for link, target := range map[string]string{"link": "/proc/self", "up": "../../../proc"} {
			if err := os.Symlink(target, filepath.Join(v.root, link)); err != nil {
				t.Fatal(err)
			}
		}
		volume := specs.Mount{Destination: at, Type: "bind", Source: filepath.Join(v.root, "fake"), Options: []string{"bind"}}
		for _, options := range [][]string{{"bind"}, {"rbind", "ro"}} {
			volume.Options = options
			if r := v.run(v.bundle(mount(volume), sh(reallyProc), maskVersion)); r.status == 0 {
				t.Errorf("a volume on %s was not refused: %s", at, r.stdout)
			}
		}
	}
}

// TestCVE201919921: with a link in the place of /proc or /sys, runc mounted elsewhere
// and went on, with labels and masks of no effect. CVE-2023-27561 was its return, and
// CVE-2023-28642 the same for /proc and /sys where only the last part was looked at.
func TestCVE201919921(t *testing.T) {
	for _, name := range []string{"proc", "sys"} {
		for _, target := range []string{"/fake", "fake", "../../../fake", "/tmp/../fake/", "/sys", "tmp/none"} {
			v := newVictim(t)
			v.fakeProc("fake")
			err := os.Remove(filepath.Join(v.root, name))
			if err == nil {
				err = os.Symlink(target, filepath.Join(v.root, name))
			}
			if err != nil {
				t.Fatal(err)
			}
			if r := v.run(v.bundle(sh(reallyProc), maskVersion)); r.status == 0 && r.stdout != "" {
				t.Errorf("with /%s -> %s: %s", name, target, r.stdout)
			}
		}
	}
}

// TestCVE202327561: the same as a race, over all of the set-up: /proc is swapped for
// a link to a directory until the container is created, and then looked at.
func TestCVE202327561(t *testing.T) { raceOn(t, "proc") }

// TestCVE202328642: and with /sys.
func TestCVE202328642(t *testing.T) { raceOn(t, "sys") }

func raceOn(t *testing.T, name string) {
	v := newVictim(t)
	settings := v.fakeProc("fake")
	v.plant(name, "/fake")
	dir := v.bundle(sh(reallyProc), maskVersion, func(s *specs.Spec) {
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_unprivileged_port_start": "81"}
	})
	for range v.starts {
		screen, r := v.inSteps(dir)
		if r.status == 0 && screen != "" {
			t.Fatalf("with a /%s that changed: %s", name, screen)
		}
		if text, err := os.ReadFile(settings); string(text) != "fake\n" {
			t.Fatalf("a setting was written to the attacker's file: %q, %v", text, err)
		}
	}
	v.raced()
}

// inSteps creates a container while paths are swapped and runs it when they are not
// any more.
func (v victim) inSteps(dir string) (screen string, r result) {
	v.t.Helper()
	id := v.name()
	r, output := v.quiet("create", "--bundle", dir, id)
	v.swaps.stop()
	defer v.swaps.start()
	if v.judge(r); r.status != 0 {
		return "", r
	}
	v.mini("start", id).wantStatus(v.t, 0)
	v.awaitStopped(id)
	v.mini("delete", id).wantStatus(v.t, 0)
	text, _ := os.ReadFile(output)
	return string(text), r
}

// TestCVE202552881: runc wrote settings and labels to files below /proc by name, and
// mounts or links there sent them to other files, of the host's too. Here the image
// brings all of /proc along: its file must stay, and the setting take effect.
func TestCVE202552881(t *testing.T) {
	v := newVictim(t)
	settings := v.fakeProc("proc")
	none := func(s *specs.Spec) { s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil }
	low := func(s *specs.Spec) {
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_unprivileged_port_start": "80"}
		s.Process.User = specs.User{UID: 1000, GID: 1000}
		s.Process.Capabilities = nil
	}
	// Port 80 is for root unless the setting is the kernel's.
	listen := sh("nc -l -p 80 </dev/null & until nc 127.0.0.1 80 </dev/null 2>/dev/null; do kill -0 $! || exit 0; sleep 0.02; done; echo listens")
	if r := v.run(v.bundle(unmount("/proc"), none, low, listen)); r.status == 0 && r.stdout != "listens\n" {
		t.Errorf("the setting has no effect: %q, %s", r.stdout, r.stderr)
	}
	if text, err := os.ReadFile(settings); string(text) != "fake\n" {
		t.Errorf("a setting was written to the image's file: %q, %v", text, err)
	}
	if err := os.Remove(settings); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/victim", settings); err != nil {
		t.Fatal(err)
	}
	v.run(v.bundle(unmount("/proc"), none, low, listen))
	if text, err := os.ReadFile(filepath.Join(v.root, "etc/victim")); string(text) != "not masked\n" {
		t.Errorf("a setting was written through the image's link: %q, %v", text, err)
	}
	if *v.started == 0 {
		t.Error("no container was started")
	}
}

// TestCVE202552881Volume: the race of CVE-2025-52881 was on a volume that two
// containers shared: a mount point in it becomes a link into /proc meanwhile.
func TestCVE202552881Volume(t *testing.T) {
	v := newVictim(t)
	if err := os.MkdirAll(filepath.Join(v.root, "way/attr"), 0o755); err != nil {
		t.Fatal(err)
	}
	v.plant("way", "/proc/self")
	dir := v.bundle(maskVersion, sh("grep ' /proc/.* tmpfs trap ' /proc/self/mountinfo\n"+reallyProc),
		mount(specs.Mount{Destination: "/way/attr", Type: "tmpfs", Source: "trap"}))
	for range v.starts {
		screen, r := v.inSteps(dir)
		if r.status == 0 && strings.TrimSpace(screen) != "" {
			t.Fatalf("something is mounted in /proc: %s", screen)
		}
	}
	v.raced()
}
