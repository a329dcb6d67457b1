package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// onVolume puts /dev on a directory of the root that an attacker writes to, as two
// containers that share a volume may have it, with the null device in it.
func (v victim) onVolume(name string) func(*specs.Spec) {
	v.t.Helper()
	dir := filepath.Join(v.root, name)
	err := os.MkdirAll(filepath.Join(dir, "pts"), 0o755)
	if err == nil {
		err = unix.Mknod(filepath.Join(dir, "null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3)))
	}
	if err == nil {
		err = os.Symlink("pts/ptmx", filepath.Join(dir, "ptmx"))
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return func(s *specs.Spec) {
		for i, m := range s.Mounts {
			if m.Destination == "/dev" {
				s.Mounts[i] = specs.Mount{Destination: "/dev", Type: "bind", Source: dir, Options: []string{"bind"}}
			}
		}
	}
}

// TestCVE202531133: runc covered masked files with the container's /dev/null, by
// name, which somebody could swap for a link to another file: that one then was
// mounted there, or nothing. A mask must be the null device, whatever /dev/null is.
func TestCVE202531133(t *testing.T) {
	v := newVictim(t)
	dev := v.onVolume("volume")
	v.plant("volume/null", "/etc/victim")
	dir := v.bundle(dev, sh("stat -c %t:%T /etc/masked /proc/version; cat /etc/masked /proc/version"),
		func(s *specs.Spec) { s.Linux.MaskedPaths = []string{"/etc/masked", "/proc/version"} })
	for range v.starts {
		if r := v.run(dir); r.status == 0 && r.stdout != "1:3\n1:3\n" {
			t.Fatalf("the masked files are %q", r.stdout)
		}
	}
	v.raced()
}

// TestCVE202552565: runc mounted the container's terminal on /dev/console by its
// name below /dev/pts, which could be swapped for a link to a file of /proc before
// that was read-only. What is there must be a terminal.
func TestCVE202552565(t *testing.T) {
	v := newVictim(t)
	dev := v.onVolume("volume")
	pts := filepath.Join(v.root, "volume/pts")
	// Both pts and pts.swap are links: to the devpts, and to an attacker's.
	err := os.Remove(pts)
	for _, name := range []string{"real", "fake"} {
		if err == nil {
			err = os.Mkdir(filepath.Join(v.root, "volume", name), 0o755)
		}
	}
	if err == nil {
		err = os.Symlink("real", pts)
	}
	for n := range 4 {
		if err == nil {
			err = os.Symlink("/proc/sys/kernel/core_pattern", filepath.Join(v.root, "volume/fake", fmt.Sprint(n)))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	v.plant("volume/pts", "fake")
	dir := v.bundle(dev, sh("echo console $(stat -c %t /dev/console) end"), func(s *specs.Spec) {
		s.Process.Terminal = true
		for i, m := range s.Mounts {
			if m.Destination == "/dev/pts" {
				s.Mounts[i].Destination = "/dev/real"
			}
		}
	})
	for range v.starts {
		screen, status := v.onTerminal("run", "--bundle", dir, v.name())
		v.judge(result{status: status, stdout: screen})
		if status == 0 && !strings.Contains(screen, "console 88 end") { // 136, the major number of terminals
			t.Fatalf("/dev/console is none: %q", screen)
		}
	}
	v.raced()
}

// onTerminal runs the runtime in a terminal of its own and returns what it shows.
func (v victim) onTerminal(args ...string) (screen string, status int) {
	v.t.Helper()
	p := v.sit(args...)
	for {
		buf := make([]byte, 4096)
		n, err := p.master.Read(buf)
		p.seen = append(p.seen, buf[:n]...)
		if err != nil {
			break
		}
	}
	_ = p.cmd.Wait()
	p.master.Close()
	return string(p.seen), exitStatus(p.cmd.ProcessState)
}

// noDev leaves nothing on /dev, so that it is the root's own.
var noDev = unmount("/dev")

// TestCVE202641579 is also CVE-2026-47766, of crun: with nothing mounted on /dev the
// device nodes and links were made through an image's /dev, which may be a link to
// the host, where a file named ptmx was removed for one of them.
func TestCVE202641579(t *testing.T) {
	for _, up := range []string{"", "../../../../../../../../../../../.."} {
		v := newVictim(t)
		dev := filepath.Join(v.root, "dev")
		if err := os.Remove(dev); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(up+v.host, dev); err != nil {
			t.Fatal(err)
		}
		if r := v.run(v.bundle(noDev, sh("exit 0"))); *attacked == "" && r.status == 0 {
			t.Errorf("a link to %s is taken for /dev", up+v.host)
		}
	}
}

// TestCVE202647766 is the same as a race.
func TestCVE202647766(t *testing.T) {
	v := newVictim(t)
	v.plant("dev", v.host)
	dir := v.bundle(noDev, sh("exit 0"))
	for range v.starts {
		v.run(dir)
	}
	v.raced()
}

// TestCVE202688264: where nothing is mounted on /dev, crun made or took
// /dev/console through a link of the image, on the host.
func TestCVE202688264(t *testing.T) {
	for _, target := range []string{"secret", "new"} {
		v := newVictim(t)
		if err := os.Symlink(filepath.Join(v.host, target), filepath.Join(v.root, "dev/console")); err != nil {
			t.Fatal(err)
		}
		pts := specs.Mount{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"newinstance", "ptmxmode=0666"}}
		dir := v.bundle(noDev, mount(pts), sh("stat -c 'console %t end' /dev/console"), func(s *specs.Spec) { s.Process.Terminal = true })
		screen, status := v.onTerminal("run", "--bundle", dir, v.name())
		v.judge(result{status: status, stdout: screen})
		if status == 0 && !strings.Contains(screen, "console 88 end") {
			t.Errorf("/dev/console is none: %q", screen)
		}
	}
}

// TestCVE202688265: crun took standard input anew from the image's /dev/null, which
// could be a link to a file of the host.
func TestCVE202688265(t *testing.T) {
	v := newVictim(t)
	if err := os.Symlink(filepath.Join(v.host, "secret"), filepath.Join(v.root, "dev/null")); err != nil {
		t.Fatal(err)
	}
	if r := v.run(v.bundle(noDev, sh("cat; cat /dev/null"))); *attacked == "" && r.status == 0 {
		t.Error("a link is taken for the null device")
	}
}
