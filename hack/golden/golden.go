// Package golden holds what a test gets against what was kept of it: a file in the
// package's testdata. With -update a test writes its files anew, and whether they
// are right is for who reads git's diff.
//
// It is for tests alone: a program that has it has the flag as well.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Compare fails t unless testdata has a file of that name with got in it, and shows
// the lines that differ.
func Compare(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := write(file, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it anew)", err)
	}
	if got != string(want) {
		t.Errorf("%s (-) is not what the test got (+); go test -update writes it anew:\n%s", file, diff(string(want), got))
	}
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
