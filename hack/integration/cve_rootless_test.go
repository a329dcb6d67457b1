package integration

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestCVE202325809: in a container of an ordinary user without a cgroup namespace,
// runc mounted the host's /sys/fs/cgroup writable, with all cgroups that are the
// user's. Here one is; nothing may be made or moved in it from inside.
func TestCVE202325809(t *testing.T) {
	o := newOrdinary(t)
	own := fmt.Sprintf("/sys/fs/cgroup/cve-%d", os.Getpid())
	if err := os.Mkdir(own, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(own + "/made"); _ = os.Remove(own) })
	for _, file := range []string{own, own + "/cgroup.procs", own + "/cgroup.subtree_control"} {
		if err := os.Chown(file, ordinaryID, ordinaryID); err != nil {
			t.Fatal(err)
		}
	}
	script := `cd /sys/fs/cgroup; echo $(find . -maxdepth 1 -name cgroup.procs)
		for dir in . $(find . -maxdepth 2 -type d); do
			mkdir $dir/made && echo made $dir/made; echo 0 >$dir/cgroup.procs && echo moved to $dir; done 2>/dev/null
		awk '$5 ~ "^/sys/fs/cgroup" { print substr($6, 1, 2) }' /proc/self/mountinfo | sort -u`
	for _, host := range []bool{true, false} {
		r := o.mini("run", o.bundle(sh(script), func(s *specs.Spec) {
			s.Mounts = slices.DeleteFunc(s.Mounts, func(m specs.Mount) bool { return m.Destination == "/sys/fs/cgroup" })
			s.Mounts = append(s.Mounts, specs.Mount{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev"}})
			if host {
				s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(ns specs.LinuxNamespace) bool { return ns.Type == specs.CgroupNamespace })
			}
			s.Linux.Resources = nil
		}))
		if strings.Contains(r.stdout, "made") || strings.Contains(r.stdout, "moved") || host && !strings.HasSuffix(r.stdout, "ro\n") {
			t.Errorf("host's cgroups %v: status %d, %q, %s", host, r.status, r.stdout, r.stderr)
		}
		if _, err := os.Stat(own + "/made"); err == nil {
			t.Error("a cgroup of the host was made inside")
		}
	}
}
