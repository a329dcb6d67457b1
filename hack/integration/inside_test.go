package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// withoutUserNS leaves the user namespace out, so that root inside is root.
func withoutUserNS(s *specs.Spec) {
	s.Linux.UIDMappings, s.Linux.GIDMappings = nil, nil
	s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(ns specs.LinuxNamespace) bool {
		return ns.Type == specs.UserNamespace
	})
}

// TestInside looks around in containers of the default configuration, changed.
func TestInside(t *testing.T) {
	tests := []struct {
		name   string
		change func(*specs.Spec)
		script string
		want   string
	}{
		{"hostname and domain name", func(s *specs.Spec) { s.Hostname, s.Domainname = "box", "example.org" },
			"cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname", "box\nexample.org\n"},
		{"loopback is up", nil, "ip addr show lo | grep -o 'LOOPBACK,UP\\|inet [0-9.]*'", "LOOPBACK,UP\ninet 127.0.0.1\n"},
		{"pid 1 is the program", nil, "echo $$; read name </proc/1/comm; echo $name", "1\nsh\n"},
		{"root is not the host's", nil, "read inside outside n </proc/self/uid_map; [ $inside = 0 ] && [ $outside != 0 ] && id -u", "0\n"},
		{"files of root are root's", nil, "stat -c '%u %g' / /bin /bin/busybox /etc/passwd | sort -u", "0 0\n"},
		{"id maps of several ranges", func(s *specs.Spec) {
			s.Linux.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 200000, Size: 1000}, {ContainerID: 1000, HostID: 400000, Size: 10}}
			s.Linux.GIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 300000, Size: 2000}}
		}, "cat /proc/self/uid_map /proc/self/gid_map | while read a b c; do echo $a $b $c; done", "0 200000 1000\n1000 400000 10\n0 300000 2000\n"},
		{"user and groups", func(s *specs.Spec) {
			umask := uint32(0o027)
			s.Process.User = specs.User{UID: 1000, GID: 1000, AdditionalGids: []uint32{63}, Umask: &umask}
		}, "id -u; id -g; id -G; umask", "1000\n1000\n1000 63\n0027\n"},
		{"working directory and environment", func(s *specs.Spec) {
			s.Process.Cwd, s.Process.Env = "/data", append(s.Process.Env, "A=1,2")
		}, "pwd; echo $A", "/data\n1,2\n"},
		{"no host path above /", nil, "cd /; cd ../../..; ls -d etc data; ls -d /proc/1/root/data; ls /proc/1/root/../../data | wc -l", "data\netc\n/proc/1/root/data\n0\n"},
		{"one root mount and no old root", nil, "grep -c ' / / ' /proc/self/mountinfo; ls /proc/self/mountinfo >/dev/null; umount / 2>/dev/null; ls -d /data", "1\n/data\n"},
		{"kernel memory is masked", nil, "cat /proc/kcore /proc/timer_list /proc/keys 2>/dev/null | wc -c; ls /proc/scsi /sys/firmware 2>/dev/null | grep -c '[^:]$'; true", "0\n0\n"},
		{"what masks kernel memory cannot be changed", withoutUserNS, "chmod 666 /proc/keys 2>&1; chown 0:0 /proc/keys 2>&1; echo x >/proc/keys",
			"chmod: /proc/keys: Read-only file system\nchown: /proc/keys: Read-only file system\n"},
		{"sysctls are read-only", nil, "echo 1 2>/dev/null >/proc/sys/kernel/sysrq || echo no; echo b 2>/dev/null >/proc/sysrq-trigger || echo no", "no\nno\n"},
		{"namespaced sysctl", func(s *specs.Spec) { s.Linux.Sysctl = map[string]string{"net.ipv4.ip_unprivileged_port_start": "81"} },
			"cat /proc/sys/net/ipv4/ip_unprivileged_port_start", "81\n"},
		{"read-only root", func(s *specs.Spec) { s.Root.Readonly = true }, "echo x 2>/dev/null >/new || echo no", "no\n"},
		{"default devices", nil, "cd /dev; for d in null zero full random urandom tty; do [ -c $d ] || echo no $d; done; echo x >null; head -c3 zero | wc -c; for l in fd stdin ptmx; do readlink $l; done", "3\n/proc/self/fd\n/proc/self/fd/0\npts/ptmx\n"},
		{"no new privileges, seccomp on", nil, "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'", "NoNewPrivs:1\nSeccomp:2\n"},
		{"no dangerous capabilities", nil, "mount -t tmpfs x /tmp 2>/dev/null || echo no mount; chroot / true 2>/dev/null; unshare -U true 2>/dev/null || echo no unshare", "no mount\nno unshare\n"},
		{"no descriptor but stdio", nil, openFds, "012\n"},
		{"open files limit as set", func(s *specs.Spec) {
			s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 512, Hard: 600}}
		}, "ulimit -Sn; ulimit -Hn", "512\n600\n"},
		{"a time namespace", func(s *specs.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.TimeNamespace})
			s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"boottime": {Secs: 86400 * 1000}}
		}, "cut -d. -f1 /proc/uptime | awk '{ print ($1 > 86400000) }'", "1\n"},
		{"a cgroup namespace", nil, "cat /proc/self/cgroup | grep ^0:", "0::/\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			changes := []func(*specs.Spec){sh(test.script)}
			if test.change != nil {
				changes = append(changes, test.change)
			}
			u.mini("run", u.bundle(changes...)).wants(t, 0, test.want)
		})
	}
}

// TestNamespacesAreNew compares with ours, from inside by number.
func TestNamespacesAreNew(t *testing.T) {
	u := newUser(t)
	r := u.mini("run", u.bundle(sh("cd /proc/self/ns; for n in pid uts net ipc mnt user cgroup; do readlink $n; done")))
	got := strings.Fields(r.stdout)
	if len(got) != 7 {
		t.Fatalf("got status %d, %q\n%s", r.status, r.stdout, r.stderr)
	}
	for _, ns := range got {
		name, _, _ := strings.Cut(ns, ":")
		if ours, err := os.Readlink("/proc/self/ns/" + name); err != nil || ours == ns {
			t.Errorf("%s is that of the host (%v)", ns, err)
		}
	}
}

// TestJoinedNamespace puts a container into the network of a running one.
func TestJoinedNamespace(t *testing.T) {
	u := newUser(t)
	first := u.start("run", "--name", "first", u.bundle(sh("readlink /proc/self/ns/net; trap 'exit 0' TERM; while :; do sleep 0.05; done"), withoutUserNS))
	defer first.signal(syscall.SIGKILL) // of mini alone, if a step below gave up
	state := u.mini("state", "first")
	_, pid, _ := strings.Cut(strings.ReplaceAll(state.stdout, " ", ""), `"pid":`)
	pid, _, _ = strings.Cut(pid, ",")
	path := fmt.Sprintf("/proc/%s/ns/net", pid)
	want, err := os.Readlink(path)
	if err != nil {
		t.Fatalf("state: %q: %v", state.stdout, err)
	}
	join := func(s *specs.Spec) {
		for i, ns := range s.Linux.Namespaces {
			if ns.Type == specs.NetworkNamespace {
				s.Linux.Namespaces[i].Path = path
			}
		}
	}
	u.mini("run", u.bundle(sh("readlink /proc/self/ns/net"), withoutUserNS, join)).wants(t, 0, want+"\n")
	first.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestNoHostPath plants a file on the host and looks for it from inside.
func TestNoHostPath(t *testing.T) {
	u := newUser(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`for root in "" /.. /proc/1/root /proc/self/root /proc/1/cwd/.. /proc/thread-self/root/../..; do
		[ ! -e "$root%s" ] || echo "found below $root"
	done`, secret)
	u.mini("run", u.bundle(sh(script))).wants(t, 0, "")
}

func TestFlags(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	r := u.mini("run", "--env", "A=1,2", "--env", "B=x y", "--workdir", "/tmp", "--hostname", "flagged", "--read-only",
		"--volume", data+":/data", "--volume", rootfsDirAbs(t)+"/etc:/root:ro", u.bundle(), "--", "sh", "-c",
		`echo "$A $B $(pwd) $(hostname)"; touch /new 2>/dev/null || echo ro; echo from inside >/data/file; stat -c %u /data/file; touch /root/x 2>/dev/null || ls /root/passwd`)
	r.wants(t, 0, "1,2 x y /tmp flagged\nro\n0\n/root/passwd\n")
	if text, err := os.ReadFile(filepath.Join(data, "file")); string(text) != "from inside\n" {
		t.Errorf("the volume has %q, %v", text, err)
	}
	u.mini("run", "--user", "guest", u.bundle(), "--", "id", "-u").wants(t, 0, "1000\n")
	u.mini("run", "--user", "1000:63", u.bundle(), "--", "sh", "-c", "id -u; id -g").wants(t, 0, "1000\n63\n")
}

func rootfsDirAbs(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(rootfsDir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
