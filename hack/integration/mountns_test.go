package integration

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// hostNamespaces takes all namespaces away.
func hostNamespaces(s *specs.Spec) {
	withoutUserNS(s)
	s.Linux.Namespaces, s.Hostname = nil, ""
}

// TestHostMountNamespace: a container without a mount namespace has its root and
// mounts all the same, and the host's tree nothing of it.
func TestHostMountNamespace(t *testing.T) {
	u := newUser(t)
	source := someFile(t)
	dir := u.bundle(sh(untilTerm), hostNamespaces, func(s *specs.Spec) {
		s.Mounts = append(s.Mounts, specs.Mount{Destination: "/data", Source: source, Options: []string{"rbind", "ro"}})
	})
	before, _ := os.ReadFile("/proc/self/mountinfo")
	b := u.start("run", "--name", "bare", dir)
	if during, _ := os.ReadFile("/proc/self/mountinfo"); string(during) != string(before) {
		t.Errorf("the host's mounts have changed: %s", during)
	}
	here, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		t.Fatal(err)
	}
	seen := `readlink /proc/self/ns/mnt; cat /data/f; (: >/data/f) 2>/dev/null || echo ro; pwd
		cd ../../..; ls -d data etc/plain; wc -c </proc/self/mountinfo; stat -f -c %t /proc /dev /tmp 2>/dev/null | wc -l
		[ $(stat -c %d /) != $(stat -c %d /proc) ] && echo proc; cat /proc/kcore 2>/dev/null | wc -c; mount -t tmpfs t /tmp 2>/dev/null || echo no mount`
	want := here + "\ntext\nro\n/\ndata\netc/plain\n0\n3\nproc\n0\nno mount\n"
	u.mini("exec", "bare", "sh", "-c", seen).wants(t, 0, want)
	u.mini("exec", "--cwd", "/data", "bare", "cat", "f").wants(t, 0, "text\n")
	b.signal(syscall.SIGTERM).wantStatus(t, 0)
	r := u.mini("run", dir, "--", "sh", "-c", seen)
	r.wants(t, 0, want)
	r.says(t, "warning: .*host's mount namespace")
}

// TestHostMountNamespaceCannotBeLeft: a second chroot with a working directory
// outside of it, and "..", would lead out of what runc and crun make.
func TestHostMountNamespaceCannotBeLeft(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "bare", u.bundle(sh(untilTerm), hostNamespaces))
	root := fmt.Sprintf("/proc/%d/root", *u.state("bare").Pid)
	found := make(chan []string)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread has another root
		found <- climb(root)
	}()
	if got := <-found; len(got) != 1 || got[0] != "/data" {
		t.Errorf("at the top there are %q, want /data only", got)
	}
	b.signal(syscall.SIGTERM).wantStatus(t, 0)
}

// climb enters a root, climbs out of it as far as that goes, and tells which of
// some directories are there: of the container's, and of a host's.
func climb(root string) (found []string) {
	err := errors.Join(syscall.Unshare(syscall.CLONE_FS), syscall.Chroot(root), syscall.Chdir("/"), syscall.Chroot("/tmp"))
	for range 64 {
		err = errors.Join(err, syscall.Chdir(".."))
	}
	if err = errors.Join(err, syscall.Chroot(".")); err != nil {
		return []string{err.Error()}
	}
	for _, name := range []string{"/data", "/usr", "/boot", "/home"} {
		if _, err := os.Stat(name); err == nil {
			found = append(found, name)
		}
	}
	return found
}

func TestHostMountNamespaceNeedsRoot(t *testing.T) {
	u := newUser(t)
	r := u.mini("run", u.bundle(sh("true"), func(s *specs.Spec) {
		s.Linux.Namespaces = []specs.LinuxNamespace{{Type: specs.UserNamespace}}
		s.Hostname, s.Mounts = "", nil
	}))
	r.wants(t, 125, "")
	r.says(t, "mount namespace", "/linux/namespaces")
}
