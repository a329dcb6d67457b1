package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestSELinux boots a machine with SELinux and a policy in which only a right
// label on the program and on what it is given to write lets it write.
func TestSELinux(t *testing.T) {
	if inVM {
		t.Skip("boots a machine of its own")
	}
	u := newUser(t)
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy")
	if err := run("secilc", "-M", "false", "-o", policy, "-f", os.DevNull, "testdata/selinux.cil"); err != nil {
		t.Fatal(err)
	}
	script := `cat /proc/self/attr/current; echo
		echo x >/new && echo wrote root; echo x >/dev/shm/new && echo wrote tmpfs; echo x 2>/dev/null >/data/new || echo volume denied`
	labelled := func(label string) string {
		return u.bundle(sh(script), func(s *specs.Spec) {
			s.Root.Path = "/tmp/rootfs"
			s.Process.SelinuxLabel, s.Linux.MountLabel = label, "u:object_r:cont_file_t"
			s.Mounts = append(s.Mounts, specs.Mount{Destination: "/data", Source: "/tmp/volume", Options: []string{"bind"}})
		})
	}
	var paths []string
	for _, name := range []string{"../vmrun", "testdata/selinux.sh", miniPath, rootfsDir} {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	cmd := exec.Command(paths[0], "--append", "security=selinux selinux=1", "-c", "1", "-m", "768", "-T", "1500", "--", paths[1], paths[2], paths[3],
		policy, labelled("u:r:cont_t"), labelled("u:r:none_t"))
	cmd.Dir = dir // what is below /tmp is there too, of this directory and of the program
	r := finish(t, cmd)
	r.wants(t, 0, "u:r:cont_t\x00\nwrote root\nwrote tmpfs\nvolume denied\nstatus 0\nstatus 125\n")
	r.says(t, "u:r:none_t", "EINVAL", "policy does not know", "/process/selinuxLabel")
}
