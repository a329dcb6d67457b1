package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fuzz runs each fuzz target for about that long.
func fuzz(t *tally, each time.Duration) {
	found, err := find("Fuzz")
	t.check("look for fuzz targets", "", err)
	for _, p := range found {
		f, err := newFuzzer(p)
		if err != nil {
			t.fail("build the fuzz targets of "+p.path, err.Error())
			continue
		}
		for _, name := range p.tests {
			fmt.Printf("%s %s\n", p.path, name)
			f.target(t, name, each)
		}
	}
}

// A fuzzer is the test binary of a package, with what lets it see which code an
// input has reached.
type fuzzer struct {
	tests
	binary, corpus string
}

func newFuzzer(p tests) (fuzzer, error) {
	bin, err := filepath.Abs("bin/test")
	name := strings.ReplaceAll(p.path, "/", "-")
	f := fuzzer{p, filepath.Join(bin, name+".fuzz"), filepath.Join(bin, "fuzz", name)}
	if err != nil {
		return f, err
	}
	return f, run(p.dir, "go", "test", "-c", "-fuzz", ".", "-o", f.binary)
}

// warmUp is how many inputs tell how fast a target is.
const warmUp = 500

// target runs one target, with as many inputs as fit into the time. The limit is
// a number: when a time is over while a worker is in the middle of a call, the
// target fails with "context deadline exceeded" and no input (Go 1.26).
func (f fuzzer) target(t *tally, name string, each time.Duration) {
	begin := time.Now()
	if out, err := f.command(name, warmUp).CombinedOutput(); err != nil {
		t.fail(f.path+" "+name, string(out)+err.Error()+"\n")
		return
	}
	cmd := f.command(name, further(time.Since(begin), each))
	cmd.Args = append([]string{"go", "tool", "test2json", "-t", "-p", f.path}, append(cmd.Args, "-test.v=test2json")...)
	cmd.Path, cmd.Err = exec.LookPath("go")
	stream(t, cmd)
}

// further is how many inputs fill what is left of the time, one at least: that
// run is the one that counts.
func further(took, each time.Duration) int {
	return max(1, int(float64(each-took)/float64(took)*warmUp))
}

// command has few workers, for a small machine.
func (f fuzzer) command(name string, inputs int) *exec.Cmd {
	cmd := exec.Command(f.binary, "-test.run", "^$", "-test.fuzz", "^"+name+"$", "-test.fuzzcachedir", f.corpus,
		"-test.fuzztime", fmt.Sprintf("%dx", inputs), "-test.fuzzminimizetime", "1000x", "-test.parallel", "2", "-test.timeout", "60m")
	cmd.Dir = f.dir
	return cmd
}
