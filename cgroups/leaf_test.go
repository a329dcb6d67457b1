package cgroups

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKernelLeaf: a leaf beside processes of the group, its time, its end.
func TestKernelLeaf(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	neighbour := start(t, g, "wait")
	leaf, err := g.Leaf(ForExec)
	if err != nil {
		t.Fatal(err)
	}
	second, err := g.Leaf(ForExec)
	if err != nil || second.Path() == leaf.Path() {
		t.Fatalf("a second one: %v", err)
	}
	busy, quiet := start(t, leaf, "use 100"), start(t, leaf, "wait")
	if err := busy.Wait(); err != nil {
		t.Fatal(err)
	}
	if cpu, _, err := leaf.Use(); err != nil || cpu < 90*time.Millisecond {
		t.Errorf("after 100 ms of CPU time the leaf has used %v, %v", cpu, err)
	}
	if err := leaf.RemoveLeaf(0); !errors.Is(err, unix.EBUSY) {
		t.Errorf("remove while a process is in it: %v, want EBUSY", err)
	}
	if err := g.Sweep(); err != nil || exists(t, second.Path()) || !exists(t, leaf.Path()) {
		t.Errorf("a sweep, %v, should remove the empty one only", err)
	}
	if leaf, err = Open(leaf.Path()); err != nil {
		t.Fatal(err)
	}
	if err := leaf.Kill(); err != nil {
		t.Fatal(err)
	}
	if sig := quiet.signal(); sig != syscall.SIGKILL {
		t.Errorf("ended by %v", sig)
	}
	if err := leaf.RemoveLeaf(time.Minute); err != nil || exists(t, leaf.Path()) {
		t.Errorf("remove: %v", err)
	}
	if err := neighbour.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("who is in the group itself: %v", err)
	}
}

// TestKernelEndLeaves: those of one purpose, whoever made them.
func TestKernelEndLeaves(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	probe, err := g.Leaf(ForProbe)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := g.Leaf(ForExec)
	if err != nil {
		t.Fatal(err)
	}
	asked, other := start(t, probe, "wait"), start(t, exec, "wait")
	if err := g.EndLeaves(ForProbe, time.Minute); err != nil || exists(t, probe.Path()) {
		t.Errorf("end the probe: %v", err)
	}
	if sig := asked.signal(); sig != syscall.SIGKILL {
		t.Errorf("ended by %v", sig)
	}
	if e, err := exec.Events(); err != nil || !e.Populated {
		t.Errorf("who is in the other leaf: %+v, %v", e, err)
	}
	if err := exec.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.signal()
}

// TestKernelSweepSparesOthers: directories of other names are the container's.
func TestKernelSweepSparesOthers(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	own := filepath.Join(g.Path(), "own")
	if err := os.Mkdir(own, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := g.Sweep(); err != nil || !exists(t, own) {
		t.Errorf("the directory own is gone, %v", err)
	}
}

// TestKernelNoLeaf: the number of groups below is limited.
func TestKernelNoLeaf(t *testing.T) {
	g := made(t, kernel(t), testPath(t), openCgroup)
	if err := g.write("cgroup.max.descendants", "0"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Leaf(ForExec); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("got %v, want EAGAIN", err)
	}
}

func BenchmarkLeaf(b *testing.B) {
	f, err := Probe()
	if err != nil || f.Base != "/" {
		b.Skip("needs root and cgroup2")
	}
	s, err := Plan(Config{Path: "/mini-bench"}, f)
	if err != nil || s.Group == nil {
		// A hybrid host makes no group without a wish.
		b.Skip("needs a plain cgroup2: hack/private-cgroup2")
	}
	if err := s.Prepare[0].Do(); err != nil {
		b.Fatal(err)
	}
	defer s.Group.Remove()
	for b.Loop() {
		leaf, err := s.Group.Leaf(ForExec)
		if err == nil {
			err = leaf.RemoveLeaf(0)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
