package cgroups

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"mini/hack/golden"
)

// TestKernelOwner: the group and its delegated files are the user's, its limits
// are not, and what the user makes in it goes with it.
func TestKernelOwner(t *testing.T) {
	f := kernel(t)
	const uid = 123456
	owner := uint32(uid)
	s, err := Plan(Config{Path: testPath(t), Resources: resources(t, openCgroup), Owner: &owner}, f)
	if err != nil {
		t.Fatal(err)
	}
	g := do(t, s)
	delegated, err := os.ReadFile(delegateFile)
	if err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(g.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range names {
		want := uint32(0)
		if slices.Contains(strings.Fields(string(delegated)), entry.Name()) {
			want = uid
		}
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Sys().(*syscall.Stat_t).Uid; got != want {
			t.Errorf("%s belongs to %d, want %d", entry.Name(), got, want)
		}
	}
	info, err := os.Stat(g.Path())
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != uid {
		t.Errorf("the directory: %v, %v", info, err)
	}
	if err := os.Mkdir(filepath.Join(g.Path(), "inner"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestOwnerGolden(t *testing.T) {
	owner := uint32(1879048192)
	s, err := Plan(Config{Path: "/mini/a b", Resources: resources(t, "{}"), Owner: &owner}, host())
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "owner.golden", render(s))
	if err := s.Limits[len(s.Limits)-1].Do(); err == nil {
		t.Error("the owner of a group that is not there was changed")
	}
}
