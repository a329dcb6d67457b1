package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestCompare: more than what is allowed is an error that names it; less is not.
func TestCompare(t *testing.T) {
	before := []number{{"mounts", 13, 0}, {"keys", 5, 8}, {"processes", 2, 0}}
	var table strings.Builder
	if err := compare(&table, before, []number{{"mounts", 12, 0}, {"keys", 13, 8}, {"processes", 2, 0}}); err != nil {
		t.Error(err)
	}
	err := compare(&table, before, []number{{"mounts", 15, 0}, {"keys", 14, 8}, {"processes", 2, 0}})
	if err == nil || !strings.Contains(err.Error(), "2 more mounts") || !strings.Contains(err.Error(), "9 more keys") || strings.Contains(err.Error(), "processes") {
		t.Errorf("got %v", err)
	}
}

// TestCount: what is made is counted.
func TestCount(t *testing.T) {
	dir := t.TempDir()
	before, err := count(dir, dir, "/proc")
	if err != nil && os.Getuid() == 0 {
		t.Fatal(err)
	}
	f, err := os.Create(dir + "/one")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	after, _ := count(dir, dir, "/proc")
	for i, b := range before {
		want := b.value
		switch b.name {
		case "containers known", "files in the root", "own descriptors":
			want++
		default:
			continue
		}
		if after[i].value != want {
			t.Errorf("%s: %d, want %d", b.name, after[i].value, want)
		}
	}
}

// TestUnmapped: shared memory counts if it is in a file that nobody maps, and no
// longer when somebody does.
func TestUnmapped(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: the memory of all processes")
	}
	var err error
	for range 20 { // what others do meanwhile comes and goes
		if err = unmappedOnce(t); err == nil {
			return
		}
	}
	t.Error(err)
}

func unmappedOnce(t *testing.T) error {
	t.Helper()
	const size = 64 << 20
	before, err := unmapped("/proc")
	if err != nil {
		return err
	}
	fd, err := unix.MemfdCreate("soak", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Fallocate(fd, 0, 0, size); err != nil {
		t.Fatal(err)
	}
	const off = 24 // MiB by which others may differ meanwhile
	if n, err := unmapped("/proc"); err != nil || n-before < 64-off || n-before > 64+off {
		return fmt.Errorf("a file of 64 MiB that nobody maps: %d MiB before and %d after: %v", before, n, err)
	}
	mapped, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mapped)
	if n, err := unmapped("/proc"); err != nil || n-before > off {
		return fmt.Errorf("mapped: %d MiB before and %d after: %v", before, n, err)
	}
	return nil
}
