package integration

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestRootlessForms: every way to name a container works for an ordinary user
// as it is, and the container's root is that user.
func TestRootlessForms(t *testing.T) {
	o := newOrdinary(t)
	who := `id -u; read a b c </proc/self/uid_map; echo $a $b $c; exit 3`
	want := fmt.Sprintf("0\n0 %d 1\n", ordinaryID)
	o.mini("run", "--rootfs", o.rootfs, "--", "sh", "-c", who).wants(t, 3, want)
	o.mini("run", "--rootfs", "/", "--", "/bin/sh", "-c", who).wants(t, 3, want)
	o.mini("run", o.bundle(), "--", "sh", "-c", who).wants(t, 3, want)
	o.mini("run", "-b", o.bundle(sh(who)), "an-id").wants(t, 3, want)
}

// TestRootlessHostRoot: the host's tree is there, in pieces, and copy-on-write.
func TestRootlessHostRoot(t *testing.T) {
	o := newOrdinary(t)
	home := filepath.Join(o.dir, "home")
	script := fmt.Sprintf(`cd %s; echo changed >mine || exit 8; rm -r rootfs || exit 9; : >/new; ls -d /usr/bin; cat /new mine`, home)
	o.mini("run", "--rootfs", "/", "--", "/bin/sh", "-c", script).wants(t, 0, "/usr/bin\nchanged\n")
	if _, err := os.Stat(filepath.Join(home, "mine")); err == nil {
		t.Error("the container wrote to the host")
	}
	if _, err := os.Stat(o.rootfs + "/bin/busybox"); err != nil {
		t.Error("the container removed files of the host")
	}
	o.mini("run", "--read-only", "--rootfs", "/", "--", "/bin/sh", "-c", fmt.Sprintf("cd %s; (: >x) 2>/dev/null || echo no", home)).wants(t, 0, "no\n")
}

// TestRootlessGranted: ids by newuidmap.
func TestRootlessGranted(t *testing.T) {
	needHelpers(t)
	o := newOrdinary(t)
	o.grant()
	o.mini("run", "--rootfs", o.rootfs, "--", "sh", "-c", "tr -s ' ' </proc/self/uid_map; tr -s ' ' </proc/self/gid_map; mkdir /d; chown 33:44 /d; stat -c %u:%g /d").wants(
		t, 0, fmt.Sprintf(" 0 %d 1\n 1 200000 65535\n 0 %[1]d 1\n 1 300000 65535\n33:44\n", ordinaryID))
	o.mini("run", "--user", "guest", "--rootfs", o.rootfs, "--", "id", "-u").wants(t, 0, "1000\n")
	o.mini("run", o.bundle(func(s *specs.Spec) { s.Process.User.AdditionalGids = []uint32{63} }), "--", "id", "-G").wants(t, 0, "0 63\n")
	r := o.mini("run", o.bundle(func(s *specs.Spec) { s.Linux.UIDMappings[1].Size = 1 << 17 }), "--", "id")
	r.wants(t, 125, "")
	r.says(t, `/linux/uidMappings: .*200000 to 265535`)
}

// TestRootlessForeign: what only root can run is refused with a way out, and
// still can be looked at.
func TestRootlessForeign(t *testing.T) {
	o := newOrdinary(t)
	for name, change := range map[string]func(*specs.Spec){
		"/linux/uidMappings": func(s *specs.Spec) { s.Linux.UIDMappings[0].HostID = 0x70000000 },
		"/linux/namespaces":  withoutUserNS,
	} {
		dir := o.bundle(change)
		r := o.mini("run", dir, "--", "true")
		r.wants(t, 125, "")
		r.says(t, name, `mini spec --rootless`)
		r = o.mini("plan", dir, "--", "true")
		r.says(t, `what root would do`)
		if r.status != 0 || !strings.Contains(r.stdout, "pivot_root") {
			t.Errorf("plan: %+v", r)
		}
		if r := o.mini("validate", dir); r.status != 0 || !strings.Contains(r.stdout, "needs root: "+name) {
			t.Errorf("validate: %+v", r)
		}
	}
}

// TestRootlessNetwork: one of the container's own with lo, or the host's.
func TestRootlessNetwork(t *testing.T) {
	o := newOrdinary(t)
	o.mini("run", o.bundle(), "--", "sh", "-c", "ls /sys/class/net; cat /sys/class/net/lo/operstate; ping -c 1 127.0.0.1 >/dev/null 2>&1; ip addr show lo | grep -c 127.0.0.1").wants(t, 0, "lo\nunknown\n1\n")
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	o.mini("run", o.bundle(func(s *specs.Spec) {
		list := s.Linux.Namespaces[:0]
		for _, ns := range s.Linux.Namespaces {
			if ns.Type != specs.NetworkNamespace {
				list = append(list, ns)
			}
		}
		s.Linux.Namespaces = list
	}), "--", "readlink", "/proc/self/ns/net").wants(t, 0, ours+"\n")
}

// TestRootlessVolume: files of the user are root's inside, and the other way round.
func TestRootlessVolume(t *testing.T) {
	o := newOrdinary(t)
	o.mini("run", "--rootfs", o.rootfs, "-v", o.rootfs+"/tmp:/data", "--", "sh", "-c", "stat -c %u /data; : >/data/made").wants(t, 0, "0\n")
	var st syscall.Stat_t
	if err := syscall.Stat(o.rootfs+"/tmp/made", &st); err != nil || st.Uid != ordinaryID {
		t.Errorf("made: %v, uid %d", err, st.Uid)
	}
}

// TestRootlessKeptOverlay: changes are there in the next run, and besides them
// nothing is left.
func TestRootlessKeptOverlay(t *testing.T) {
	o := newOrdinary(t)
	kept := filepath.Join(o.rootfs, "data")
	args := []string{"run", "--rootfs", o.rootfs, "--overlay", kept, "--", "sh", "-c"}
	o.mini(append(args, "echo 1 >/etc/mine; rm -r /root /etc/plain")...).wants(t, 0, "")
	o.mini(append(args, "cat /etc/mine; ls -d /root 2>/dev/null; ls /etc/plain 2>/dev/null")...).wants(t, 1, "1\n")
	if left := glob(kept, "*"); len(left) != 1 || filepath.Base(left[0]) != "upper" {
		t.Errorf("left in the directory: %q", left)
	}
}

// TestRootlessDeviceRules: the kernel refuses them to the user, who gains
// nothing by that.
func TestRootlessDeviceRules(t *testing.T) {
	o := newOrdinary(t)
	r := o.mini("run", o.bundle(sh("mknod /x c 1 3 2>/dev/null || echo no; : >/dev/null && echo yes"), func(s *specs.Spec) {
		s.Linux.Resources = &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Access: "rwm"}}}
	}))
	r.wants(t, 0, "no\nyes\n")
	r.says(t, `/linux/resources/devices`)
}

// TestRootlessLimitNeedsDelegation: a limit is set or an error, never ignored.
func TestRootlessLimitNeedsDelegation(t *testing.T) {
	o := newOrdinary(t)
	r := o.mini("run", "--memory", "64m", "--rootfs", o.rootfs, "--", "true")
	r.wants(t, 125, "")
	r.says(t, `/linux/resources/memory/limit`, `delegated`)
}

// TestRootlessRoot: where the state is.
func TestRootlessRoot(t *testing.T) {
	o := newOrdinary(t)
	b := o.start("run", "--name", "here", o.bundle(sh(untilTerm)))
	if _, err := os.Stat(filepath.Join(o.dir, "run/mini/here")); err != nil {
		t.Error(err)
	}
	o.mini("list", "-q").wants(t, 0, "here\n")
	b.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestRootlessNoRuntimeDir: a directory in /tmp, if it is the user's own.
func TestRootlessNoRuntimeDir(t *testing.T) {
	o := newOrdinary(t)
	dir := fmt.Sprintf("/tmp/mini-%d", ordinaryID)
	if _, err := os.Lstat(dir); err == nil {
		t.Skipf("%s is there already", dir)
	}
	list := func() result {
		cmd := o.command("list", "-q")
		cmd.Env = cmd.Env[:2]
		return finish(t, cmd)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	r := list()
	r.wants(t, 125, "")
	r.says(t, `belongs to uid 0`, `XDG_RUNTIME_DIR`)
	os.Remove(dir)
	list().wants(t, 0, "")
	var st syscall.Stat_t
	if err := syscall.Lstat(dir, &st); err != nil || st.Uid != ordinaryID || st.Mode != syscall.S_IFDIR|0o700 {
		t.Errorf("%s: %v, uid %d, mode %o", dir, err, st.Uid, st.Mode)
	}
}

// TestRootlessKilled: what a killed mini left is cleared away by the next.
func TestRootlessKilled(t *testing.T) {
	o := newOrdinary(t)
	b := o.start("run", "--name", "orphan", o.bundle(sh(untilTerm)))
	b.signal(syscall.SIGKILL).wants(t, 137, "")
	o.mini("run", o.bundle(), "--", "true").wants(t, 0, "")
}

// TestRootlessBinary: the host's binary is out of a container's reach, whoever
// owns it (CVE-2019-5736).
func TestRootlessBinary(t *testing.T) {
	o := newOrdinary(t)
	path := filepath.Join(o.dir, "mini")
	for _, owner := range []int{0, ordinaryID} {
		if err := os.Chown(path, owner, owner); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o.mini("run", "--init", o.bundle(), "--", "sh", "-c", "(echo broken >/proc/1/exe) 2>/dev/null || echo no; chmod 777 /proc/1/exe 2>/dev/null; true").wants(
			t, 0, "no\n")
		after, _ := os.ReadFile(path)
		info, err := os.Stat(path)
		if err != nil || sha256.Sum256(after) != sha256.Sum256(before) || info.Mode().Perm() != 0o755 {
			t.Fatalf("the binary of uid %d was changed: %v, %v", owner, err, info.Mode())
		}
	}
}

// TestVMRootlessDelegated: limits, in a cgroup that was given to the user.
func TestVMRootlessDelegated(t *testing.T) {
	needControllers(t)
	o := newOrdinary(t)
	given := "/sys/fs/cgroup/given"
	script := fmt.Sprintf(`echo "+memory +pids +cpu" >/sys/fs/cgroup/cgroup.subtree_control; mkdir %[1]s
		chown %[2]d %[1]s %[1]s/cgroup.procs %[1]s/cgroup.subtree_control %[1]s/cgroup.threads`, given, ordinaryID)
	if err := run("sh", "-ec", script); err != nil {
		t.Fatal(err)
	}
	defer run("sh", "-c", "rmdir "+given+"/mini.leaf "+given)
	o.through(fmt.Sprintf(`to=%s; [ ! -d $to/mini.leaf ] || to=$to/mini.leaf; echo $$ >$to/cgroup.procs; exec "$@"`, given))
	b := o.start("run", "--name", "small", "--memory", "32m", "--cpus", "0.5", "--pids-limit", "7", o.bundle(sh(untilTerm)))
	for file, want := range map[string]string{"memory.max": "33554432", "cpu.max": "50000 100000", "pids.max": "7"} {
		if got, err := os.ReadFile(filepath.Join(given, "mini/small", file)); strings.TrimSpace(string(got)) != want {
			t.Errorf("%s: got %q, %v, want %q", file, got, err, want)
		}
	}
	b.signal(syscall.SIGTERM).wants(t, 0, "")
	if left := glob(given, "mini/*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	o.mini("run", "--memory", "32m", o.bundle(), "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1").wants(t, 137, "")
}

// TestVMRootlessUndelegated says how to get a cgroup.
func TestVMRootlessUndelegated(t *testing.T) {
	needControllers(t)
	o := newOrdinary(t)
	r := o.mini("run", "--memory", "64m", "--rootfs", o.rootfs, "--", "true")
	r.wants(t, 125, "")
	r.says(t, `/linux/resources/memory/limit`, `systemd-run --user --scope -p Delegate=yes`)
}
