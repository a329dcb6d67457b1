package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// what shows most of what a container is. grep -E and the userland's grep agree on
// these patterns, where it comes to that.
const whatItIs = `id; hostname; echo $$; umask; pwd; env; cat /proc/self/uid_map /proc/self/gid_map
	for f in Uid Gid Groups NoNewPrivs CapInh CapPrm CapEff CapBnd CapAmb; do grep "^$f:" /proc/self/status; done
	grep 'open files' /proc/self/limits; cat /proc/self/oom_score_adj /proc/net/dev
	for f in / /dev /dev/null /dev/pts /tmp /proc/sys /sys; do stat $f; done | grep mode`

// byHand is a name for containers that no other run of these tests has.
var byHand = fmt.Sprint("by-hand-", os.Getpid())

// script writes what mini plan prints of a container into a file.
func (u user) script(args ...string) string {
	u.t.Helper()
	r := u.mini(append([]string{"plan", "--format", "shell", "--name", byHand}, args...)...)
	r.wants(u.t, 0, r.stdout)
	file := filepath.Join(u.t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(r.stdout), 0o644); err != nil {
		u.t.Fatal(err)
	}
	return file
}

// sameByHand wants of the script what mini does.
func (u user) sameByHand(args ...string) {
	u.t.Helper()
	before := scriptDirs()
	want := u.mini(append([]string{"run", "--name", byHand}, args...)...)
	file, err := os.Open(u.script(args...))
	if err != nil {
		u.t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command("sh")
	if u.become != nil {
		u.become(cmd)
		cmd.Path = "/bin/sh"
	}
	cmd.Stdin = file // another user could not open it
	got := finish(u.t, cmd)
	if got != want {
		u.t.Errorf("by hand: %d %s\n%s\nby mini: %d %s\n%s", got.status, got.stdout, got.stderr, want.status, want.stdout, want.stderr)
	}
	if left := scriptDirs().since(before); len(left) > 0 {
		u.t.Errorf("left behind: %q", left)
	}
}

// scriptDirs are the temporary directories of scripts.
func scriptDirs() machine {
	dirs, _ := filepath.Glob("/tmp/mini-script.*")
	return dirs
}

// toolsRoot makes a root with the examples' userland: after the pivot a script
// needs more than busybox has.
func toolsRoot(t *testing.T) string {
	t.Helper()
	where := binaries
	if inVM {
		where = "" // there that is on an overlay, which cannot be idmapped
	}
	dir, err := os.MkdirTemp(where, "tools")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := run("sh", "-c", `chmod 755 "$0" && mkdir "$0"/bin "$0"/etc "$0"/proc "$0"/sys "$0"/dev "$0"/tmp && cp "$1" "$0"/bin/userland &&
		"$1" help | while read -r name _; do ln -s userland "$0/bin/$name"; done &&
		echo guest:x:1000:1000::/tmp:/bin/sh >"$0"/etc/passwd`, dir, toolsPath); err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestScriptOfHost has the whole machine as root, by a user namespace.
func TestScriptOfHost(t *testing.T) {
	u := newUser(t)
	u.sameByHand("--rootfs", "/", "--", "/bin/sh", "-c", whatItIs+`
		touch /tmp/a /root/b && ls -n /tmp/a /root/b | cut -c 1-20; ls -A /dev; grep -c . /etc/shadow; exit 7`)
}

func TestScriptWithoutUserNamespace(t *testing.T) {
	u := newUser(t)
	u.sameByHand(u.bundle(sh(whatItIs), withoutUserNS, func(s *specs.Spec) { s.Root.Path = "/" }))
}

// TestScriptOfBundle has what is seldom set, and nothing but the userland as root.
func TestScriptOfBundle(t *testing.T) {
	u := newUser(t)
	for name, change := range map[string]func(*specs.Spec){
		"user namespace": func(*specs.Spec) {}, "none": withoutUserNS,
		"another user": func(s *specs.Spec) {
			s.Process.User = specs.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{5, 6}, Umask: new(uint32)}
			s.Process.Capabilities.Inheritable = []string{"CAP_KILL"}
			s.Process.Capabilities.Ambient = []string{"CAP_KILL"}
			s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 64, Hard: 128}}
			s.Process.OOMScoreAdj = new(int)
			*s.Process.OOMScoreAdj = 300
		},
	} {
		root := toolsRoot(t)
		t.Run(name, func(t *testing.T) {
			u := u
			u.t = t
			u.sameByHand(u.bundle(sh(whatItIs+`; cat /data/f; echo x >/data/f || echo no; mkdir /tmp/x; exec kill -USR1 $$`), func(s *specs.Spec) {
				s.Root.Path, s.Process.Cwd, s.Hostname = root, "/made/here", "by-hand"
				s.Process.Env = []string{"PATH=/bin", "A=it's\nINSIDE\nOUTSIDE\nb"}
				s.Mounts = append(s.Mounts, specs.Mount{Destination: "/data", Source: someFile(t), Options: []string{"rbind", "ro"}})
			}, change))
		})
	}
}

// someFile makes a directory with a file f.
func someFile(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := writeFiles(dir, map[string]string{"f": "text\n"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVMScriptWithLimits reads the cgroup from within.
func TestVMScriptWithLimits(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	root := toolsRoot(t)
	dir := u.bundle(sh("cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max"), func(s *specs.Spec) {
		s.Root.Path, s.Process.Env = root, []string{"PATH=/bin"}
	})
	u.sameByHand("--memory", "64m", "--pids-limit", "20", "--cpus", "0.5", dir)
}

// TestScriptOfOrdinaryUser needs no root for what its plan needs none for.
func TestScriptOfOrdinaryUser(t *testing.T) {
	o := newOrdinary(t)
	o.sameByHand("--rootfs", "/", "--", "/bin/sh", "-c", whatItIs+"; touch /new; ls -A /; exit 5")
}

// TestScriptFails breaks a script in each of its parts. It says so and tidies up.
func TestScriptFails(t *testing.T) {
	u := newUser(t)
	before := scriptDirs()
	text, err := os.ReadFile(u.script("--rootfs", "/", "--", "true"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"mkdir /sys", "clone3", "write gid_map", "open_tree /", "overlay on /", "sethostname", "pivot_root", "umount .", "execve"} {
		broken := strings.Replace(string(text), "\n# "+part, "\nfalse # "+part, 1)
		if broken == string(text) {
			t.Errorf("no step %s in the script", part)
		}
		if got := finish(t, exec.Command("sh", "-c", broken)); got.status == 0 {
			t.Errorf("broken at %s: status 0", part)
		}
		if left := scriptDirs().since(before); len(left) > 0 {
			t.Errorf("broken at %s: left behind: %q", part, left)
		}
	}
}

// TestScriptIsEnded sends TERM to the script, whose container ignores it.
func TestScriptIsEnded(t *testing.T) {
	u := newUser(t)
	before := scriptDirs()
	cmd := exec.Command("sh", u.script("--rootfs", "/", "--", "/bin/sh", "-c", "trap '' TERM; echo ready; exec sleep 1000"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, len("ready\n"))); err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if got := exitStatus(cmd.ProcessState); got != 128+int(syscall.SIGTERM) {
		t.Errorf("got status %d", got)
	}
	if left := scriptDirs().since(before); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
