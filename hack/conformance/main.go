// Command conformance runs the validation programs of the OCI project's
// runtime-tools with ours, and before it with one as the baseline if there is one,
// prints a table, and fails if a program fails with ours that known.txt does not list, or the
// other way round.
//
//	conformance [-jobs N] [-timeout D] [-only RE] -programs DIR -known FILE -out DIR [BASELINE] RUNTIME
//
// It knows how those programs report (tap.go) and which must not run at the
// same time (run.go). It knows nothing of what they test. run.sh builds them
// and starts this in a machine with a pure cgroup v2.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"
)

func main() {
	programs := flag.String("programs", "", "`directory` of the programs, runtimetest and rootfs-*.tar.gz")
	list := flag.String("known", "", "`file` that lists the programs that fail, and why")
	out := flag.String("out", "", "`directory` for what the programs print")
	only := flag.String("only", "", "run the programs whose name matches the `expression`")
	jobs := flag.Int("jobs", 4, "how many programs run at once")
	limit := flag.Duration("timeout", 10*time.Minute, "for one program")
	flag.Parse()
	if flag.NArg() < 1 || flag.NArg() > 2 || *programs == "" || *list == "" || *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	s := suite{dir: *programs, out: *out, runtimes: flag.Args(), jobs: *jobs, limit: *limit}
	wrong, err := conformance(s, *list, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	}
	if wrong > 0 {
		os.Exit(1)
	}
}

// conformance runs all that matches, reports, and returns how many programs
// surprise.
func conformance(s suite, list, only string) (wrong int, err error) {
	expression, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	text, err := os.Open(list)
	if err != nil {
		return 0, err
	}
	defer text.Close()
	reasons, err := readKnown(text)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", list, err)
	}
	programs, err := find(s.dir, expression)
	if err != nil {
		return 0, err
	}
	all, err := s.run(programs)
	if err != nil {
		return 0, err
	}
	if err := s.again(all, reasons); err != nil {
		return 0, err
	}
	return report(os.Stdout, all, reasons, s.runtimes), nil
}
