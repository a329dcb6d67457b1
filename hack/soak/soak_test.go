package main

import (
	"os"
	"strings"
	"testing"
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
	before, err := count(dir)
	if err != nil && os.Getuid() == 0 {
		t.Fatal(err)
	}
	f, err := os.Create(dir + "/one")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	after, _ := count(dir)
	for i, b := range before {
		want := b.value
		switch b.name {
		case "containers known", "own descriptors":
			want++
		default:
			continue
		}
		if after[i].value != want {
			t.Errorf("%s: %d, want %d", b.name, after[i].value, want)
		}
	}
}
