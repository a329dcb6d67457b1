package main

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestApplets runs small scripts with effects that the next command sees.
func TestApplets(t *testing.T) {
	tests := map[string]struct{ script, out string }{
		"cat":        {`echo a >f; echo b | cat f - f`, "a\nb\na\n"},
		"head":       {`printf '1\n2\n3\n' | head -n2; printf '1\n2\n3\n' | tail -n 1`, "1\n2\n3\n"},
		"wc":         {`printf 'a b\nc\n' | wc; printf 'ä' | wc -c`, "2 3 6\n2\n"},
		"grep":       {`printf 'Ab\ncd\n' >f; grep -in ab f; grep -c . f; grep -v A f; grep -q x f || echo no`, "1:Ab\n2\ncd\nno\n"},
		"printf":     {`printf '%3d|%-3s|%x%%\n' 7 a 255`, "  7|a  |ff%\n"},
		"echo -n":    {`echo -n a; echo b`, "ab\n"},
		"mkdir":      {`mkdir -p a/b; mkdir -m 700 c; touch a/.h a/f; ls a; ls -a a; ls -l | head -n 1 | grep -c '^d.* a$'`, "b\nf\n.h\nb\nf\n1\n"},
		"ls -d mode": {`mkdir -m 1777 d; ls -ldn d | grep -c '^d'`, "1\n"},
		"rm":         {`mkdir -p a/b; rm a 2>/dev/null || echo no; rm -r a; rm -f a; ls`, "no\n"},
		"ln":         {`echo x >f; ln -s f s; ln f h; ln -sf h s; cat s; ls -l s | grep -c 's -> h$'; stat h | grep -c 'links 2'`, "x\n1\n1\n"},
		"env":        {`A=1 env B=2 args x | grep 'arg|env [AB]='`, "arg x\nenv A=1\nenv B=2\n"},
		"env -i":     {`A=1 env -i PATH="$PATH" B=2 env`, "PATH=" + bin + "\nB=2\n"},
		"which":      {`which nosuch 2>/dev/null; echo $?; which ls | grep -c /ls`, "1\n1\n"},
		"test":       {`[ -f /nope ] || echo 1; [ -d / ] && echo 2; [ ! -e /x ] && echo 3; [ 1 -lt 2 -a x ] 2>/dev/null; echo $?`, "1\n2\n3\n2\n"},
		"sysctl":     {`sysctl kernel.ostype`, "kernel.ostype = Linux\n"},
		"uname":      {`uname`, "Linux\n"},
		"tty":        {`tty </dev/null; echo $?`, "not a tty\n1\n"},
		"opendev":    {`opendev /dev/null /nope 2>&1`, "open /dev/null: opened\nopendev: open /nope: ENOENT (no such file or directory)\n"},
		"kill":       {`kill -0 $$; echo $?; kill -NONE 1 2>/dev/null; echo $?`, "0\n2\n"},
		"sleep":      {`sleep 1ms; echo $?; sleep x 2>/dev/null; echo $?`, "0\n2\n"},
		"fork":       {`fork 3`, "3 children\n"},
		"mem":        {`mem 4M | tail -n 1`, "all 4096K used\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := run(t, "sh", "-c", test.script); got.out != test.out {
				t.Errorf("%s: got %+v, want %q", test.script, got, test.out)
			}
		})
	}
}

// TestPrints has those whose output depends on the machine.
func TestPrints(t *testing.T) {
	tests := map[string]string{
		"args x":               `(?m)^arg x\nenv PATH=.*\nenv HOME=/home$`,
		"burn 0.01":            `^\d+\.\d\d s of CPU in \d+\.\d\d s: \d+ %\n$`,
		"caps":                 `(?s)^inheritable .*\nbounding .*\nno_new_privs (yes|no)\nseccomp +(off|strict|filter)\n$`,
		"date":                 `^\w{3} \w{3} .\d \d\d:\d\d:\d\d \S+ 20\d\d\n$`,
		"df /":                 `(?m)^PATH +SIZE +USED +FREE\n/ +\d`,
		"env A=1 B=2 args x":   `(?m)^env A=1\nenv B=2$`,
		"hostname":             `^\S+\n$`,
		"id":                   `^uid=\d+(\(\w+\))? gid=\d+`,
		"limits":               `(?s)^RLIMIT +SOFT +HARD\n.*nofile +\d+ +\d+\n.*cgroup`,
		"mount":                `(?m)^\S+ on /proc type proc \(`,
		"ns":                   `(?m)^pid +\d+ +(at boot|later) +(same|another|not to be seen)$`,
		"ps":                   `(?m)^1 +0 +`,
		"pwd":                  `^/.*\n$`,
		"stat /":               `^/: d\S+ uid \d+`,
		"fork bomb -n 3":       `^3 children\n$`,
		"uname -a":             `^Linux \S+ \d`,
		"env nosuch-program":   `^$`,
		"sh -c help":           `sysctl KEY`,
		"get http://127.0.0.1": `^$`,
	}
	for line, want := range tests {
		if got := run(t, strings.Fields(line)...); !regexp.MustCompile(want).MatchString(got.out) {
			t.Errorf("%s: got %+v, want a match of %s", line, got, want)
		}
	}
}

// TestSoftNofile holds that what is printed is the limit the program was given,
// not the one that Go's package os makes of it.
func TestSoftNofile(t *testing.T) {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	c := prepare(t, "limits")
	c.Path, c.Args = "/bin/sh", []string{"sh", "-c", "ulimit -S -n 77; exec " + bin + "/limits"}
	if got := finish(t, c); !regexp.MustCompile(`(?m)^nofile +77 `).MatchString(got.out) {
		t.Errorf("got %+v, want nofile 77", got)
	}
}
