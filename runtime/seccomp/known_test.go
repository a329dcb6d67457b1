package seccomp

import (
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestUnderstood: what is listed compiles.
func TestUnderstood(t *testing.T) {
	k := Understood()
	if len(k.Operators) != 7 || !slices.Contains(k.Actions, string(specs.ActAllow)) || len(k.Flags) < 3 {
		t.Errorf("got %+v", k)
	}
	for _, name := range k.Archs {
		if a, _ := findABI(specs.Arch(name)); a == nil {
			t.Errorf("%s is listed, and has no table", name)
		}
	}
}
