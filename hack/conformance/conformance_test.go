package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"mini/hack/golden"
)

func TestParse(t *testing.T) {
	const head = "TAP version 13\n"
	for _, test := range []struct {
		name, text     string
		passed, failed []string
		complaint      bool
		silent         bool
	}{
		{"all well", head + "ok 1 - one\n  ---\n  {\"error\": \"as expected\"}\n  ...\nok 2 - two\n1..2\n", []string{"one", "two"}, nil, false, false},
		{"a dash in it", "ok 1 - a - b\n", []string{"a - b"}, nil, false, false},
		{"one wrong", "ok 1 - one\nnot ok 2 - two\n# said aside\n1..2\n", []string{"one"}, []string{"two"}, false, false},
		{"no description", "not ok 3\n", nil, []string{"not ok 3"}, false, false},
		{"skipped", "ok 1 # SKIP linux.seccomp not set\n", nil, nil, false, false},
		{"no check", head + "1..0\n", nil, nil, false, false},
		{"silence", "", nil, nil, false, true},
		{"an error and no check", head + "  ---\n  {\n    \"error\": \"order\"\n  }\n  ...\n1..0\n", nil, nil, true, false},
		{"of a check in a check", "  not ok 1 - inner\nok 1 - outer\n", []string{"outer"}, nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := parse(test.text)
			if !slices.Equal(got.passed, test.passed) || !slices.Equal(got.failed, test.failed) ||
				got.complaint != test.complaint || got.silent != test.silent {
				t.Errorf("got %+v, want %+v", got, test)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ok 1 - one\nnot ok 2 - two\n")
	f.Fuzz(func(t *testing.T, text string) {
		v := parse(text)
		if n := len(v.passed) + len(v.failed) + v.skipped; n > strings.Count(text, "\n")+1 {
			t.Errorf("%d results of %q", n, text)
		}
	})
}

func TestVerdict(t *testing.T) {
	one := []string{"one"}
	for _, test := range []struct {
		v    verdict
		cell string
		ok   bool
	}{
		{verdict{passed: one}, "ok", true},
		{verdict{}, "ok", true},
		{verdict{passed: one, failed: one}, "1/2", false},
		{verdict{passed: one, status: 1}, "fails", false},
		{verdict{complaint: true}, "fails", false},
		{verdict{silent: true}, "fails", false},
		{verdict{passed: one, timedOut: true}, "time-out", false},
	} {
		if got := test.v.String(); got != test.cell || test.v.ok() != test.ok {
			t.Errorf("%+v: got %s, %v; want %s, %v", test.v, got, test.v.ok(), test.cell, test.ok)
		}
	}
}

func TestReadKnown(t *testing.T) {
	got, err := readKnown(strings.NewReader("# a comment\n\nhooks   fails  for a reason\n"))
	if want := (known{"hooks", "fails", "for a reason"}); err != nil || got["hooks"] != want || len(got) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"hooks\n", "hooks fails\n", "hooks fails why\nhooks fails why\n"} {
		if got, err := readKnown(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

// TestReport has one program for each row that the table can have.
func TestReport(t *testing.T) {
	well, ill := verdict{passed: []string{"a", "b"}}, verdict{passed: []string{"a"}, failed: []string{"b"}, status: 1}
	all := verdicts{}
	for program, pair := range map[string][2]verdict{
		"both": {well, well}, "listed": {ill, ill}, "mended": {ill, well},
		"broken": {well, ill}, "chance": {well, ill}, "changed": {ill, {timedOut: true}},
	} {
		all.add(program, "/usr/sbin/runc", pair[0])
		all.add(program, "bin/mini", pair[1])
	}
	list := map[string]known{
		"listed":  {"listed", "1/2", "it reads cgroup v1"},
		"chance":  {"chance", varies, "two programs race"},
		"mended":  {"mended", "1/2", "no longer"},
		"changed": {"changed", "1/2", "for a reason"},
	}
	var out bytes.Buffer
	if wrong := report(&out, all, list, []string{"/usr/sbin/runc", "bin/mini"}); wrong != 3 {
		t.Errorf("got %d surprises, want 3", wrong)
	}
	golden.Compare(t, "report.golden", out.String())
	out.Reset()
	if wrong := report(&out, all, list, []string{"bin/mini"}); wrong != 3 {
		t.Errorf("without a baseline: got %d surprises, want 3", wrong)
	}
	golden.Compare(t, "alone.golden", out.String())
}

// TestKnownFile: the list can be read, and each reason says something.
func TestKnownFile(t *testing.T) {
	f, err := os.Open("known.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := readKnown(f); err != nil {
		t.Error(err)
	}
}
