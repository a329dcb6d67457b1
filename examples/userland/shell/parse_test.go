package shell

import (
	"errors"
	"testing"
)

var parses = map[string]string{
	"":                                "()",
	"# only a comment\n":              "()",
	"ls -l /":                         "(run ls -l /)",
	"a; b & c":                        "(list (run a) (run b)& (run c))",
	"a && b || c":                     "(|| (&& (run a) (run b)) (run c))",
	"a &&\n b":                        "(&& (run a) (run b))",
	"! a | b |\nc":                    "(not (run a) (run b) (run c))",
	"X=1 Y=$X a Z=2":                  "(run X=1 Y=${X} a Z=2)",
	"X=":                              "(run X=)",
	`echo 'a b' "c $d" e\ f`:          `(run echo 'a b' 'c ''${d}' e' 'f)`,
	`echo "" '' "\"\$\n"`:             `(run echo '' '' '"''$''\n')`,
	"echo a\\\nb":                     "(run echo ab)",
	"echo ${a:-b c} ${#d} ${e%%.*}":   "(run echo ${a:-b c} ${#d} ${e%%.*})",
	`echo ${a:-"}"} $1 ${12} $# $? $`: "(run echo ${a:-'}'} ${1} ${12} ${#} ${?} $)",
	"echo $(ls | (cat; \")\" )) x":    `(run echo $(ls | (cat; ")" )) x)`,
	"echo $((1 + (2)))":               "(run echo $((1 + (2))))",
	"a >f 2>&1 <g >>h 2>&-":           "(run a 1>f 2>&1 0<g 1>>h 2>&-)",
	"echo 2 >f":                       "(run echo 2 1>f)",
	"echo a2>f":                       "(run echo a2 1>f)",
	">f":                              "(run 1>f)",
	"if a; then b; fi":                "(if (run a) (run b) ())",
	"if a\nthen b\nelse c\nfi":        "(if (run a) (run b) (run c))",
	"if a; then b; elif c; then d; else e; fi": "(if (run a) (run b) (if (run c) (run d) (run e)))",
	"while a; do b; c; done":                   "(while (run a) (list (run b) (run c)))",
	"until a; do b; done >f":                   "(to (until (run a) (run b)) 1>f)",
	"for i in 1 $2; do echo $i; done":          "(for i 1 ${2} (run echo ${i}))",
	"for i do a; done":                         "(for i '${@}' (run a))",
	"(a; b) | { c; d; }":                       "(pipe (sub (list (run a) (run b))) (list (run c) (run d)))",
	"case $x in a|b) c;; *) esac":              "(case ${x} [a b (run c)] [* ()])",
	"case x in (y) z\nesac":                    "(case x [y (run z)])",
	"echo if then fi":                          "(run echo if then fi)",
	"echo a#b #c":                              "(run echo a#b)",
}

func TestParse(t *testing.T) {
	for src, want := range parses {
		n, err := Parse(src)
		if err != nil {
			t.Errorf("%q: %v", src, err)
		} else if got := dump(n); got != want {
			t.Errorf("%q: got %s, want %s", src, got, want)
		}
	}
}

var syntaxErrors = map[string]string{
	"a;;b":        "line 1: unexpected ;;",
	"a\n| b":      "line 2: unexpected |",
	"fi":          "line 1: unexpected fi",
	"if ; then":   "line 1: unexpected ;",
	"a >":         "line 1: unexpected end",
	"a > ; b":     "line 1: unexpected ;",
	"echo `ls`":   "line 1: backquotes are not known here: use $( )",
	"${}":         "line 1: bad ${ }",
	"${a b}":      "line 1: bad ${ }",
	"for 1 in; x": "line 1: unexpected 1",
	"a )":         "line 1: unexpected )",
	"a & & b":     "line 1: unexpected &",
}

func TestSyntaxErrors(t *testing.T) {
	for src, want := range syntaxErrors {
		if _, err := Parse(src); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", src, err, want)
		}
	}
}

// TestIncomplete holds what the prompt > depends on.
func TestIncomplete(t *testing.T) {
	for _, src := range []string{"if a", "if a; then", "while a; do b", "echo 'a", `echo "a`, "echo $(a", "echo ${a", "a |", "a &&", "(a", "{ a;", "case x in", "a \\", "echo $((1"} {
		_, err := Parse(src)
		var bad *SyntaxError
		if !errors.As(err, &bad) || !bad.Incomplete {
			t.Errorf("%q: got %v, want an error that more text can mend", src, err)
		}
	}
}

// FuzzParse also holds that the text of a node means the node: subshells are
// started on it.
func FuzzParse(f *testing.F) {
	for src := range parses {
		f.Add(src)
	}
	for src := range syntaxErrors {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		n, err := Parse(src)
		if err != nil || n == nil {
			return
		}
		again, err := Parse(n.text())
		if err != nil {
			t.Fatalf("%q: its text %q: %v", src, n.text(), err)
		}
		if dump(n) != dump(again) {
			t.Errorf("%q: %s, but its text %q is %s", src, dump(n), n.text(), dump(again))
		}
	})
}
