package golden

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// told is a test that keeps what it is told of its failure.
type told struct {
	testing.TB
	text  string
	fatal bool
}

func (f *told) Errorf(format string, args ...any) { f.text += fmt.Sprintf(format, args...) }

func (f *told) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.fatal = true
	runtime.Goexit()
}

func (f *told) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }

// compare is Compare in a test of its own.
func compare(t *testing.T, name, got string) *told {
	f := &told{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Compare(f, name, got)
	}()
	<-done
	return f
}

// kept makes a package's folder the current one, with testdata/NAME in it.
func kept(t *testing.T, name, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := write("testdata/"+name, text); err != nil {
		t.Fatal(err)
	}
}

// updating sets the flag for one test.
func updating(t *testing.T, value string) {
	t.Helper()
	was := flag.Lookup("update").Value.String()
	if err := flag.Set("update", value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("update", was) })
}

func TestCompare(t *testing.T) {
	updating(t, "false")
	kept(t, "a.golden", "one\ntwo\n")
	for _, tt := range []struct {
		name, got, want string
		fatal           bool
	}{
		{"a.golden", "one\ntwo\n", "", false},
		{"a.golden", "one\n2\n", "testdata/a.golden (-) is not what the test got (+); go test -update writes it anew:\n" +
			"line 1:\n  one\n- two\n+ 2\n", false},
		{"b.golden", "", "open testdata/b.golden: no such file or directory (go test -update writes it anew)", true},
	} {
		if f := compare(t, tt.name, tt.got); f.text != tt.want || f.fatal != tt.fatal {
			t.Errorf("%s, %q: got %q, %v", tt.name, tt.got, f.text, f.fatal)
		}
	}
}

func TestUpdate(t *testing.T) {
	updating(t, "true")
	for what, name := range map[string]string{"another text": "a.golden", "no file": "b.golden", "no folder": "below/c.golden"} {
		kept(t, "a.golden", "one\n")
		if f := compare(t, name, "two\n"); f.text != "" {
			t.Errorf("%s: %s", what, f.text)
		}
		if text, err := os.ReadFile("testdata/" + name); string(text) != "two\n" {
			t.Errorf("%s: it has %q, %v", what, text, err)
		}
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f := compare(t, "../file/d", "two\n"); !f.fatal || !strings.Contains(f.text, "file: not a directory") {
		t.Errorf("where none can be written: %q", f.text)
	}
}

func TestDiff(t *testing.T) {
	count := "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	for _, tt := range []struct{ name, first, second, want string }{
		{"of nothing", "", "", ""},
		{"to nothing", "a\n", "", "line 1:\n- a\n"},
		{"from nothing", "", "a\nb\n", "line 1:\n+ a\n+ b\n"},
		{"in the middle", count, "1\n2\n3\n4\n6\n7\n8\n9\n", "line 3:\n  3\n  4\n- 5\n  6\n  7\n"},
		{"at both ends", count, "0\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "line 1:\n- 1\n+ 0\n  2\n  3\nline 8:\n  8\n  9\n+ 10\n"},
		{"moved", "a\nb\nc\n", "b\nc\na\n", "line 1:\n- a\n  b\n  c\n+ a\n"},
		{"an end without a newline", "a\nb\n", "a\nb", "line 1:\n  a\n- b\n+ b\n  (no newline here)\n"},
	} {
		if got := diff(tt.first, tt.second); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}
