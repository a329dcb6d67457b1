package shell

import (
	"slices"
	"testing"
)

func TestEvaluate(t *testing.T) {
	lookup := func(name string) string { return map[string]string{"x": "5", "bad": "z"}[name] }
	tests := []struct {
		text string
		want int64
		err  string
	}{
		{"", 0, ""},
		{"1 + 2*3", 7, ""},
		{"(1+2)*3 - -4", 13, ""},
		{"x % 3 == 2 && x >= 5", 1, ""},
		{"!x || nothing", 0, ""},
		{"7/2", 3, ""},
		{"0x10 + 010", 24, ""},
		{"1 < 2 < 1", 0, ""},
		{"1/0", 0, "division by 0"},
		{"bad", 0, `"z" is not a number`},
		{"1 +", 0, `"" is not a number`},
		{"(1", 0, "no closing ) in $(( ))"},
		{"1 2", 1, `unexpected "2" in $(( ))`},
	}
	for _, test := range tests {
		got, err := Evaluate(test.text, lookup)
		if text := errorText(err); text != test.err || err == nil && got != test.want {
			t.Errorf("%q: got %d, %q, want %d, %q", test.text, got, text, test.want, test.err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzEvaluate(f *testing.F) {
	for _, s := range []string{"1+2*3", "((x))", "!-+1", "1 <= 2 && 3 != 4", "9223372036854775807 + 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = Evaluate(s, func(name string) string { return "1" })
	})
}

func TestExpandWords(t *testing.T) {
	tests := map[string][]string{
		`a 'b c'`:                  {"a", "b c"},
		`$two`:                     {"1", "2"},
		`"$two"`:                   {"1 2"},
		`x${two}y`:                 {"x1", "2y"},
		`$none "" "$none"`:         {"", ""},
		`"$@"`:                     {"p q", "r"},
		`$@`:                       {"p", "q", "r"},
		`"<$@>"`:                   {"<p q", "r>"},
		`"$*" $#`:                  {"p q r", "2"},
		`${none:-a b} ${two:+yes}`: {"a", "b", "yes"},
		`${empty-x}${empty:-y}`:    {"y"},
		`${file%.gz} ${file%%.*}`:  {"/d/a.tar", "/d/a"},
		`${file#*/} ${file##*/}`:   {"d/a.tar.gz", "a.tar.gz"},
		`${#two} $((two2 + 1))`:    {"3", "1"},
		`$0 $1 ${2} ${3}`:          {"sh", "p", "q", "r"},
		`~ ~/x '~' a~`:             {"/home", "/home/x", "~", "a~"},
		`"*" \* '/et?'`:            {"*", "*", "/et?"},
		`${new=v} $new`:            {"v", "v"},
		`/proc/sel[f] /proc/nope*`: {"/proc/self", "/proc/nope*"},
		`$ a$`:                     {"$", "a$"},
	}
	for src, want := range tests {
		s := newShell(Config{Environ: []string{"HOME=/home", "two=1 2", "empty=", "file=/d/a.tar.gz"}})
		s.name, s.params = "sh", []string{"p q", "r"}
		n, err := Parse("x " + src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.expandWords(n.(*Simple).Words[1:])
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", src, got, err, want)
		}
	}
}

func TestMissingParameter(t *testing.T) {
	s := newShell(Config{})
	_, err := s.parameter(Part{Kind: Parameter, Text: "x", Op: ":?", Arg: Word{{Text: "is needed"}}})
	if want := "x: is needed"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
