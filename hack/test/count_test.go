package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	tests := []struct {
		name, events   string
		passed, failed int
		shown          string // must be in what is printed
	}{
		{"pass", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":12.5}`, 1, 0, "ok   p 12.5 s"},
		{"a package is no test, and says nothing if it is quick", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":9.9}`, 1, 0, ""},
		{"a failed test is one failure with its package", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:1: why\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`, 0, 1, "why"},
		{"a subtest is part of its test", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"inner\n"}
{"Action":"fail","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}`, 0, 1, "inner"},
		{"no build", `{"ImportPath":"p [p.test]","Action":"build-output","Output":"undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`, 0, 1, "undefined: x"},
		{"TestMain gives up", `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Output":"left behind\n"}
{"Action":"fail","Package":"p"}`, 0, 1, "left behind"},
		{"the machine is gone", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
kernel panic`, 0, 1, "never ended"},
		{"a skip is neither", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: needs root\n"}
{"Action":"skip","Package":"p","Test":"TestA"}`, 0, 0, "skipped: p TestA: a_test.go:3: needs root"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			tally := newTally(&out)
			if err := tally.read(strings.NewReader(test.events)); err != nil {
				t.Fatal(err)
			}
			if tally.passed != test.passed || tally.failed != test.failed {
				t.Errorf("got %d passed, %d failed, want %d, %d", tally.passed, tally.failed, test.passed, test.failed)
			}
			if shown := out.String() + tally.summary(); !strings.Contains(shown, test.shown) {
				t.Errorf("got %q, want in it %q", shown, test.shown)
			}
		})
	}
}

func TestStreamCountsASilentFailure(t *testing.T) {
	tally := newTally(io.Discard)
	stream(tally, exec.Command("false"))
	stream(tally, exec.Command("/nonexistent"))
	if tally.failed != 2 {
		t.Errorf("got %d failed, want 2", tally.failed)
	}
}

func TestUnknownNames(t *testing.T) {
	got := unknownNames([]stage{{name: "vm"}}, []string{"vm", "wm"})
	if len(got) != 1 || got[0] != "wm" {
		t.Errorf("got %q, want [wm]", got)
	}
}

func TestTestNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x_test.go")
	text := "func TestVMx(t *testing.T) {\n// func TestVMno(t *testing.T)\nfunc TestVM(t *testing.T) {}\nfunc FuzzY(f *testing.F) {}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]string{"TestVM": "TestVMx TestVM", "Fuzz": "FuzzY"} {
		names, err := testNames(prefix, filepath.Dir(file), []string{"x_test.go"})
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", prefix, got, err, want)
		}
	}
}
