package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json (go doc test2json, go help buildjson).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
	ImportPath, FailedBuild       string
}

// key names what an event is about.
func (e event) key() string { return e.Package + e.ImportPath + " " + e.Test }

// slow is how many seconds make a package that passed worth a line.
const slow = 10

// tally counts top-level tests and checks. It shows the output of those that
// failed and keeps the reasons of those that were skipped.
type tally struct {
	out            io.Writer
	passed, failed int
	skipped        []string
	failures       []string

	running map[string]bool     // tests begun and not ended
	output  map[string][]string // what each has printed
	failing map[string]bool     // packages in which a test failed
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, running: map[string]bool{}, output: map[string][]string{}, failing: map[string]bool{}}
}

// pass and fail enter a check or a test that go test did not report by itself.
func (t *tally) pass() { t.passed++ }

func (t *tally) fail(name, output string) {
	t.failed++
	t.failures = append(t.failures, name)
	fmt.Fprintf(t.out, "FAIL %s\n%s", name, indent(output))
}

// check enters one check: it failed if there is an error.
func (t *tally) check(name, output string, err error) {
	if err == nil {
		t.pass()
		return
	}
	t.fail(name, output+err.Error()+"\n")
}

// read takes the events of one or more test binaries up to EOF. A line that is
// no event is passed on. A test that began and never ended has failed: its
// process, or the whole machine it ran in, is gone.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			fmt.Fprintln(t.out, lines.Text())
			continue
		}
		t.event(e)
	}
	t.unfinished()
	return lines.Err()
}

func (t *tally) event(e event) {
	key := e.key()
	switch e.Action {
	case "run":
		t.running[key] = true
	case "output", "build-output":
		t.output[key] = append(t.output[key], e.Output)
	case "pass", "fail", "skip":
		t.ended(e)
		delete(t.running, key)
		delete(t.output, key)
	}
}

// ended enters a test or a package that is done. A package counts only when it
// failed with no test to blame: it did not build, or its TestMain gave up.
func (t *tally) ended(e event) {
	key, top := e.key(), !strings.Contains(e.Test, "/")
	output := strings.Join(t.output[key], "")
	switch {
	case e.Action == "skip" && e.Test != "":
		t.skipped = append(t.skipped, key+": "+reason(t.output[key]))
	case e.Action == "fail" && !top:
		fmt.Fprintf(t.out, "%s", indent(output))
	case e.Action == "fail" && e.Test != "":
		t.failing[e.Package] = true
		t.fail(key, output)
	case e.Action == "fail" && !t.failing[e.Package]:
		t.fail(e.Package, strings.Join(t.output[e.FailedBuild+" "], "")+output)
	case e.Action == "pass" && e.Test == "":
		if e.Elapsed >= slow {
			fmt.Fprintf(t.out, "ok   %s %.1f s\n", e.Package, e.Elapsed)
		}
	case e.Action == "pass" && top:
		t.pass()
	}
}

func (t *tally) unfinished() {
	for key := range t.running {
		if _, test, _ := strings.Cut(key, " "); !strings.Contains(test, "/") {
			t.fail(key+" (never ended)", strings.Join(t.output[key], ""))
		}
	}
	clear(t.running)
	clear(t.output)
	clear(t.failing)
}

// summary is what failed, what was skipped and why, and the closing line.
func (t *tally) summary() string {
	var b strings.Builder
	slices.Sort(t.skipped)
	for _, s := range t.skipped {
		fmt.Fprintf(&b, "skipped: %s\n", s)
	}
	for _, f := range t.failures {
		fmt.Fprintf(&b, "failed: %s\n", f)
	}
	fmt.Fprintf(&b, "%d passed, %d failed\n", t.passed, t.failed)
	return b.String()
}

// reason finds why a test was skipped: the last line that it logged.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			return line
		}
	}
	return "no reason given"
}

func indent(text string) string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}
