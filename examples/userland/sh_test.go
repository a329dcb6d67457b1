package main

import (
	"os"
	"strings"
	"testing"
)

func TestShell(t *testing.T) {
	tests := map[string]struct {
		script string
		out    string
		status int
	}{
		"arguments":       {`echo $0 $1 "$@"`, "name a a b c\n", 0},
		"status":          {`false; echo $?; exit 7`, "1\n", 7},
		"last status":     {`true; false`, "", 1},
		"and or":          {`true && echo a || echo b; false && echo c || echo d`, "a\nd\n", 0},
		"not":             {`! true; echo $?; ! false && echo x`, "1\nx\n", 0},
		"if":              {`if [ a = b ]; then echo 1; elif test 2 -gt 1; then echo 2; else echo 3; fi`, "2\n", 0},
		"if without else": {`if false; then echo x; fi; echo $?`, "0\n", 0},
		"while":           {`i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done`, "1\n3\n", 0},
		"break 2":         {`for a in 1 2; do for b in 1 2; do echo $a$b; break 2; done; done`, "11\n", 0},
		"until":           {`until true; do echo never; done; echo $?`, "0\n", 0},
		"for":             {`for f in "a b" c; do echo "<$f>"; done`, "<a b>\n<c>\n", 0},
		"case":            {`case a.txt in *.md) echo md;; b|*.txt) echo txt;; esac`, "txt\n", 0},
		"pipeline":        {`printf 'b\na\nb\n' | grep b | wc -l`, "2\n", 0},
		"pipe status":     {`true | false; echo $?; false | true; echo $?`, "1\n0\n", 0},
		"pipe of loops":   {`for i in 1 2; do echo $i; done | while read x; do echo "<$x>"; done`, "<1>\n<2>\n", 0},
		"early end":       {`while true; do echo y; done | head -n 2`, "y\ny\n", 0},
		"substitution":    {`echo "[$(echo a; echo)]" $(echo 1 2) $(exit 3)$?`, "[a] 1 2 3\n", 0},
		"nested":          {`echo $(echo $(echo "a)"))`, "a)\n", 0},
		"assign status":   {`X=$(exit 4); echo $?`, "4\n", 0},
		"subshell":        {`X=1; (X=2; cd /; echo $X; exit 5); echo $? $X`, "2\n5 1\n", 0},
		"subshell pid":    {`[ "$$" = "$(echo $$)" ] && echo same`, "same\n", 0},
		"group":           {`{ echo a; echo b; } >f; cat f`, "a\nb\n", 0},
		"redirections":    {`echo a >f; echo b >>f; wc -l <f; ls /nope 2>&1 >/dev/null | wc -l`, "2\n1\n", 0},
		"exec redirects":  {`exec 3>f; echo x >&3; exec 3>&-; cat f`, "x\n", 0},
		"crossed":         {`{ echo o; echo e >&2; } 2>&1 | wc -l`, "2\n", 0},
		"bad redirection": {`echo x >/nope/f; echo $?`, "1\n", 0},
		"environment":     {`X=1; Y=2; export Y; Z=3 env | grep '^[XYZ]='`, "Y=2\nZ=3\n", 0},
		"kept":            {`X=1; X=2 true; echo $X`, "1\n", 0},
		"background":      {`sleep 0.05 & p=$!; [ $p -gt 1 ] && wait $p; echo $?`, "0\n", 0},
		"wait status":     {`(exit 6) & wait $!; echo $?`, "6\n", 0},
		"empty stdin":     {`cat & wait; echo done`, "done\n", 0},
		"killed":          {`sleep 100 & kill -9 $!; wait $!; echo $?`, "137\n", 0},
		"trap":            {`trap 'touch got' TERM; kill $$; until [ -f got ]; do sleep 0.01; done; echo $?`, "0\n", 0},
		"wait and trap":   {`trap : TERM; sleep 100 & p=$!; (until [ -f end ]; do kill $$ || exit; sleep 0.01; done) & wait $p; echo $?; touch end; kill $p`, "143\n", 0},
		"ignored":         {`trap '' TERM; kill $$; echo alive`, "alive\n", 0},
		"trap exit":       {`trap 'echo bye' EXIT; exit 3`, "bye\n", 3},
		"exec":            {`exec echo replaced; echo never`, "replaced\n", 0},
		"not found":       {`nosuch; echo $?; /nope/x; echo $?; / ; echo $?`, "127\n127\n126\n", 0},
		"set -e":          {`set -e; false || true; if false; then :; fi; echo a; false; echo b`, "a\n", 1},
		"eval":            {`X='echo "a  b"'; eval $X`, "a b\n", 0},
		"dot":             {`echo 'X=from' >f; . ./f; echo $X`, "from\n", 0},
		"read":            {`echo 'a b c' | { read x y; echo "$y,$x"; }`, "b c,a\n", 0},
		"shift":           {`set -- 1 2 3; shift; echo $# $1`, "2 2\n", 0},
		"cd":              {`cd /; pwd; cd - ; [ $PWD != / ] && echo back`, "/\nback\n", 0},
		"umask":           {`umask 077; touch f; ls -l f | grep -c '^-rw------- '`, "1\n", 0},
		"file names":      {`touch b1 b2 c; echo b* 'b*' z*`, "b1 b2 b* z*\n", 0},
		"comments":        {"echo a # b\n# c\necho d", "a\nd\n", 0},
		"syntax error":    {`echo a; fi`, "", 2},
		"needs":           {`echo ${X:?is not set}; echo never`, "", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, "sh", "-c", test.script, "name", "a", "b c")
			if got.out != test.out || got.status != test.status {
				t.Errorf("%s: got %+v, want %q, %d", test.script, got, test.out, test.status)
			}
		})
	}
}

func TestShellMessages(t *testing.T) {
	tests := map[string]string{
		"nosuch":           "sh: nosuch: executable file not found in $PATH\n",
		"/nope/x":          "sh: /nope/x: ENOENT (no such file or directory)\n",
		"cat </nope":       "sh: /nope: ENOENT (no such file or directory)\n",
		"echo >&7":         "sh: 7: EBADF (bad file descriptor)\n",
		"echo $((1/0))":    "sh: division by 0\n",
		"echo 'a":          "sh: line 1: no closing '\n",
		"set -x; true a b": "+ true a b\n",
		"trap : NONE":      "sh: trap: no signal is named NONE\n",
		"nosuch 2>&1":      "",
	}
	for script, want := range tests {
		if got := run(t, "sh", "-c", script); got.err != want {
			t.Errorf("%s: got %q, want %q", script, got.err, want)
		}
	}
}

// TestShellInput holds that a script on stdin leaves the rest of it to the
// programs that read it too.
func TestShellInput(t *testing.T) {
	c := prepare(t, "sh")
	c.Stdin = strings.NewReader("read x\nfor me\nif true\nthen echo \"$x\"; fi\ncat\nthe rest\n")
	if got := finish(t, c); got.out != "for me\nthe rest\n" {
		t.Errorf("got %+v", got)
	}
}

func TestShellFile(t *testing.T) {
	c := prepare(t, "sh", "script", "x")
	if err := os.WriteFile(c.Dir+"/script", []byte("echo $0 $1; exit 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := finish(t, c); got.out != "script x\n" || got.status != 3 {
		t.Errorf("got %+v", got)
	}
	if got := run(t, "sh", "nosuch"); got.status != 127 {
		t.Errorf("got %+v, want status 127", got)
	}
}
