package integration

import (
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestMountinfoOrder: mountinfo lists the mounts in the order of the
// configuration, whatever they are made of. Since Linux 6.8 it goes by their age.
func TestMountinfoOrder(t *testing.T) {
	u := newUser(t)
	source := someFile(t)
	bind := func(dest string) specs.Mount {
		return specs.Mount{Destination: dest, Source: source, Options: []string{"rbind", "ro"}}
	}
	tmpfs := func(dest string) specs.Mount {
		return specs.Mount{Destination: dest, Type: "tmpfs", Source: "tmpfs"}
	}
	const order = `while read -r _ _ _ _ at _; do case $at in /a|/b|/c|/d|/e) echo $at; esac; done </proc/self/mountinfo`
	r := u.mini("run", "--overlay", "tmpfs", u.bundle(sh(order), withoutUserNS, func(s *specs.Spec) {
		s.Mounts = append(s.Mounts, tmpfs("/a"), bind("/b"), tmpfs("/c"), bind("/d"), tmpfs("/e"))
	}))
	r.wants(t, 0, "/a\n/b\n/c\n/d\n/e\n")
}
