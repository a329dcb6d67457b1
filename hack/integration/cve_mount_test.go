package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestCVE202130465: runc looked at the path of a mount point and used it later, by
// name. A directory on the way to where a volume is mounted becomes a link to the
// host's / meanwhile: the volume must be in the container or nowhere.
func TestCVE202130465(t *testing.T) {
	v := newVictim(t)
	volume := t.TempDir()
	if err := writeFiles(volume, map[string]string{"mine": "mine\n"}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(v.root, "way"+v.host), 0o755); err != nil {
		t.Fatal(err)
	}
	v.plant("way", "/")
	dir := v.bundle(mount(specs.Mount{Destination: "/way" + v.host, Type: "bind", Source: volume, Options: []string{"bind"}}),
		sh("cat /way"+v.host+"/secret "+v.host+"/secret 2>/dev/null; grep -c "+volume+" /proc/self/mountinfo; exit 0"))
	for range v.starts {
		if r := v.run(dir); r.status == 0 && r.stdout != "1\n" {
			t.Fatalf("the volume is mounted elsewhere: %q", r.stdout)
		}
	}
	v.raced()
}

// TestCVE202445310: runc made missing mount points by name, and a directory on the
// way could become a link to the host, where they then were made.
func TestCVE202445310(t *testing.T) {
	v := newVictim(t)
	if err := os.MkdirAll(filepath.Join(v.root, "way"), 0o755); err != nil {
		t.Fatal(err)
	}
	v.plant("way", v.host)
	source := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(source, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range v.starts {
		i := *v.named
		v.run(v.bundle(sh("exit 0"),
			mount(specs.Mount{Destination: fmt.Sprintf("/way/dir%d/deep", i), Type: "tmpfs", Source: "tmpfs"}),
			mount(specs.Mount{Destination: fmt.Sprintf("/way/file%d", i), Type: "bind", Source: source, Options: []string{"bind"}})))
	}
	v.raced()
}
