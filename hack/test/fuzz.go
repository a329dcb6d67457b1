package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// A fuzzing is which targets are run, for how long, and where it is kept what
// came of it.
type fuzzing struct {
	each   time.Duration
	only   string // a regular expression for "PACKAGE TARGET"
	record string // a page with a table, or nothing
}

// run runs each fuzz target for about that long.
func (f fuzzing) run(t *tally) {
	var all campaign
	only, err := regexp.Compile(f.only)
	if err != nil {
		t.fail("-only", err.Error())
		return
	}
	found, err := find("Fuzz")
	t.check("look for fuzz targets", "", err)
	for _, p := range found {
		var names []string
		for _, name := range p.tests {
			if only.MatchString(short(p.path, name)) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			all = all.plus(f.targets(t, p, names))
		}
	}
	fmt.Printf("%d executions in %d s, %d new inputs\n", all.executions, all.seconds, all.news)
}

// short is how the table and -only call a target.
func short(path, name string) string { return strings.TrimPrefix(path, "mini/") + " " + name }

// targets runs those of one package. One that runs for long is told of.
func (f fuzzing) targets(t *tally, p tests, names []string) (all campaign) {
	fuzzer, err := newFuzzer(p)
	if err != nil {
		t.fail("build the fuzz targets of "+p.path, err.Error())
		return all
	}
	for _, name := range names {
		c := fuzzer.target(t, name, f.each)
		all = all.plus(c)
		if f.each > time.Second {
			fmt.Printf("%s: %d executions in %d s, %d new inputs\n", c.target, c.executions, c.seconds, c.news)
		}
		if f.record == "" {
			continue
		}
		if err := enter(f.record, c); err != nil {
			t.fail("-record", err.Error())
		}
	}
	return all
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

// warmUp is how many inputs first tell how fast a target is.
const warmUp = 500

// target runs one target in rounds, until the time is over. The limit of a round
// is a number of inputs: when a time is over while a worker is in the middle of a
// call, the target fails with "context deadline exceeded" and no input (Go 1.26).
func (f fuzzer) target(t *tally, name string, each time.Duration) campaign {
	c := campaign{target: short(f.path, name)}
	begin := time.Now()
	for inputs := warmUp; inputs > 0; {
		round := time.Now()
		out, err := f.command(name, inputs).CombinedOutput()
		c.hear(string(out))
		c.seconds = int(time.Since(begin).Seconds())
		if err != nil {
			c.finds = 1
			t.fail(f.path+" "+name, string(out)+err.Error()+"\n")
			return c
		}
		inputs = further(inputs, time.Since(round), each-time.Since(begin), each)
	}
	if c.executions == 0 {
		t.fail(f.path+" "+name, "no input was tried: is there such a target?\n")
		return c
	}
	t.pass()
	return c
}

// further is how many inputs fill what is left of the time, if so many took that
// long: none when that is next to nothing, and not too many more than last time,
// for the first tell little.
func further(inputs int, took, left, each time.Duration) int {
	if left < each/20 {
		return 0
	}
	return min(20*inputs, int(float64(inputs)*float64(left)/float64(took))+1)
}

// command has few workers, for a small machine.
func (f fuzzer) command(name string, inputs int) *exec.Cmd {
	cmd := exec.Command(f.binary, "-test.run", "^$", "-test.fuzz", "^"+name+"$", "-test.fuzzcachedir", f.corpus,
		"-test.fuzztime", fmt.Sprintf("%dx", inputs), "-test.fuzzminimizetime", "1000x",
		"-test.parallel", fmt.Sprint(min(2, runtime.GOMAXPROCS(0))), "-test.timeout", "90m")
	cmd.Dir = f.dir
	return cmd
}
