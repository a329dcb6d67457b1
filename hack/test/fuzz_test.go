package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFurther(t *testing.T) {
	for _, test := range []struct {
		took, left time.Duration
		want       int
	}{
		{time.Second, time.Second, 501},
		{time.Second, 10 * time.Second, 5001},
		{time.Second, time.Minute, 10000}, // 20 times as many
		{time.Minute, 6 * time.Second, 51},
		{time.Second, time.Second / 2, 0}, // next to nothing
		{time.Second, -time.Second, 0},
	} {
		if got := further(500, test.took, test.left, 20*time.Second); got != test.want {
			t.Errorf("500 in %s, %s left: got %d, want %d", test.took, test.left, got, test.want)
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
	for name, finds := range map[string]int{"FuzzWell": 0, "FuzzFails": 1, "FuzzSeed": 1} {
		if c := f.target(all, name, 10*time.Millisecond); c.finds != finds || finds == 0 && c.executions < warmUp {
			t.Errorf("%s: %+v", name, c)
		}
	}
	f.target(all, "FuzzNone", 10*time.Millisecond) // there is none: not a pass
	slices.Sort(all.failures)
	if got := strings.Join(all.failures, ", "); all.passed != 1 || got != "sample FuzzFails, sample FuzzNone, sample FuzzSeed" {
		t.Errorf("%d passed, failed %s:\n%s", all.passed, got, &out)
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "testdata/fuzz/FuzzFails")); err != nil || len(kept) != 1 {
		t.Errorf("the input that fails: %v, %v", kept, err)
	}
}
