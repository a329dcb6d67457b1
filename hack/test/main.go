// Command test is the one test command: it runs what must hold before a change
// lands, in stages, and ends with how many tests and checks passed and failed.
//
//	go run ./hack/test [-fuzztime 1s] [-only REGEXP] [-record PAGE] [STAGE...]
//
// It knows how tests are found, started and counted. What they test is in the
// packages; which Debian packages they need is in hack/bootstrap.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

// A stage runs tests or checks and enters each into the tally.
type stage struct {
	name, what string
	run        func(*tally)
}

func main() {
	var fuzz fuzzing
	flag.DurationVar(&fuzz.each, "fuzztime", time.Second, "about how long each fuzz target runs")
	flag.StringVar(&fuzz.only, "only", "", "which fuzz targets run: a regular expression for \"PACKAGE TARGET\"")
	flag.StringVar(&fuzz.record, "record", "", "the page to whose table the runs of fuzz targets are added")
	flag.Parse()
	stages := []stage{
		{"check", "gofmt and go vet", check},
		{"test", "unit and integration tests on this machine", testHost},
		{"vm", "tests that need the controllers of cgroup v2", testVM},
		{"conformance", "the OCI project's validation programs", conformance},
		{"fuzz", "each fuzz target for about " + fuzz.each.String(), fuzz.run},
		{"shape", "sizes of the source", shape},
	}
	if unknown := unknownNames(stages, flag.Args()); len(unknown) > 0 {
		fmt.Fprintf(os.Stderr, "test: no stage %q; there are check, test, vm, conformance, fuzz, shape\n", unknown)
		os.Exit(2)
	}
	all := runStages(stages, flag.Args())
	fmt.Print(all.summary())
	if all.failed > 0 {
		os.Exit(1)
	}
}

// unknownNames returns those names that no stage has.
func unknownNames(stages []stage, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(stages, func(s stage) bool { return s.name == name })
	})
}

// runStages runs the stages that are named, all if none is, a failed one
// notwithstanding: one run should tell all that is wrong.
func runStages(stages []stage, names []string) *tally {
	all := newTally(os.Stdout)
	for _, s := range stages {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		fmt.Printf("== %s: %s\n", s.name, s.what)
		begin, passed, failed := time.Now(), all.passed, all.failed
		s.run(all)
		fmt.Printf("== %s: %d passed, %d failed in %.1f s\n\n", s.name,
			all.passed-passed, all.failed-failed, time.Since(begin).Seconds())
	}
	return all
}
