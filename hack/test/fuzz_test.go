package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFurther(t *testing.T) {
	for took, want := range map[time.Duration]int{
		500 * time.Millisecond: warmUp, 100 * time.Millisecond: 9 * warmUp, time.Second: 1, time.Minute: 1,
	} {
		if got := further(took, time.Second); got != want {
			t.Errorf("after %s: got %d, want %d", took, got, want)
		}
	}
}

// TestFuzzer: one target never fails, one with some input, which is kept, and one
// with its seed.
func TestFuzzer(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // for the binary and the corpus
	for name, text := range map[string]string{
		"go.mod": "module sample\n",
		"x_test.go": `package sample
import "testing"
func FuzzWell(f *testing.F) { f.Fuzz(func(t *testing.T, n int) {}) }
func FuzzFails(f *testing.F) { f.Fuzz(func(t *testing.T, n int) { if n != 0 { t.Error("no", n) } }) }
func FuzzSeed(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) { if n == 1 { t.Error("no seed") } }) }
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := newFuzzer(tests{path: "sample", dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	all := newTally(&out)
	for _, name := range []string{"FuzzWell", "FuzzFails", "FuzzSeed"} {
		f.target(all, name, 10*time.Millisecond)
	}
	if got := strings.Join(all.failures, ", "); all.passed != 1 || got != "sample FuzzFails, sample FuzzSeed" {
		t.Errorf("%d passed, failed %s:\n%s", all.passed, got, &out)
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "testdata/fuzz/FuzzFails")); err != nil || len(kept) != 1 {
		t.Errorf("the input that fails: %v, %v", kept, err)
	}
}
