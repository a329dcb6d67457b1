package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// app has a command that hands its context to see.
func app(see func(*Context) error, out *strings.Builder) *App {
	return &App{
		Name: "prog", Usage: "does things", UsageText: "prog COMMAND", Writer: out,
		Flags: []Flag{&StringFlag{Name: "root", Value: "/run", Usage: "in `DIR`"}, &BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "say it"}},
		Commands: []*Command{{
			Name: "do", Usage: "do it", ArgsUsage: "ID", Action: see,
			Flags: []Flag{
				&StringFlag{Name: "name", Aliases: []string{"n"}, Usage: "call it `NAME`"},
				&BoolFlag{Name: "quick"}, &IntFlag{Name: "times", Value: 3}, &DurationFlag{Name: "grace", Value: time.Second, Usage: "as long"},
				&StringSliceFlag{Name: "env", Aliases: []string{"e"}}, &IntSliceFlag{Name: "gid"},
				&StringFlag{Name: "secret", Hidden: true},
			},
		}},
		Action: func(c *Context) error { return errors.New("no command: " + c.Args().First()) },
	}
}

// parsed runs the app and gives what the command saw.
func parsed(t *testing.T, line string) *Context {
	t.Helper()
	var seen *Context
	var out strings.Builder
	err := app(func(c *Context) error { seen = c; return nil }, &out).Run(append([]string{"prog"}, strings.Fields(line)...))
	if err != nil || seen == nil {
		t.Fatalf("%s: %v, the command was reached: %v", line, err, seen != nil)
	}
	return seen
}

func TestValues(t *testing.T) {
	c := parsed(t, "--root /x do -n a --name=b --quick --times -5 -grace 2m -e A=1,2 --env B=-- --gid 7 -gid=8 id --quick -- x")
	for name, got := range map[string]string{"root": "/x", "name": "b", "quick": "true", "times": "-5", "grace": "2m"} {
		if c.String(name) != got || !c.IsSet(name) {
			t.Errorf("%s: got %q, set %v, want %q", name, c.String(name), c.IsSet(name), got)
		}
	}
	if !c.Bool("quick") || c.Int("times") != -5 || c.Duration("grace") != 2*time.Minute {
		t.Errorf("got %v, %d, %s", c.Bool("quick"), c.Int("times"), c.Duration("grace"))
	}
	if got := c.StringSlice("env"); !slices.Equal(got, []string{"A=1,2", "B=--"}) {
		t.Errorf("env: %q", got)
	}
	if got := c.IntSlice("gid"); !slices.Equal(got, []int{7, 8}) {
		t.Errorf("gid: %v", got)
	}
	if got := c.Args().Slice(); !slices.Equal(got, []string{"id", "--quick", "--", "x"}) {
		t.Errorf("arguments: %q", got)
	}
}

func TestDefaults(t *testing.T) {
	c := parsed(t, "do")
	if c.String("root") != "/run" || c.Int("times") != 3 || c.Duration("grace") != time.Second || c.Bool("quick") ||
		c.StringSlice("env") != nil || c.IsSet("times") || c.NArg() != 0 || c.Args().First() != "" || c.Args().Tail() != nil {
		t.Errorf("got %+v", c)
	}
	if err := c.Set("root", "/y"); err != nil || c.String("root") != "/y" || !c.IsSet("root") {
		t.Errorf("Set: %v, %q", err, c.String("root"))
	}
	if c.Set("nope", "1") == nil || c.Set("times", "x") == nil {
		t.Error("Set takes anything")
	}
}

func TestEndOfFlags(t *testing.T) {
	for line, want := range map[string]string{
		"do -- --quick": "--quick", "do - --quick": "- --quick", "do x -- --quick": "x -- --quick", "do --quick=false x": "x",
	} {
		c := parsed(t, line)
		if got := strings.Join(c.Args(), " "); got != want || c.Bool("quick") {
			t.Errorf("%s: arguments %q, want %q", line, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for line, want := range map[string]string{
		"--nope do":          "no such flag: --nope (see prog --help)",
		"do --nope=3":        "no such flag: --nope (see prog do --help)",
		"do -name":           "-name wants a value (see prog do --help)",
		"do --times x":       "--times x: not a whole number (see prog do --help)",
		"do --gid 1.5":       "--gid 1.5: not a whole number (see prog do --help)",
		"do --grace 10":      "--grace 10: not a time such as 10s or 1m30s (see prog do --help)",
		"do --quick=perhaps": "--quick perhaps: neither true nor false (see prog do --help)",
		"dont":               "no command: dont",
		"help dont":          `no such command: "dont" (see prog --help)`,
	} {
		var out strings.Builder
		err := app(func(*Context) error { return nil }, &out).Run(append([]string{"prog"}, strings.Fields(line)...))
		if err == nil || err.Error() != want || out.Len() > 0 {
			t.Errorf("%s: got %v and %q, want %q", line, err, out.String(), want)
		}
	}
}

func TestHelp(t *testing.T) {
	for line, want := range map[string]string{
		"--help":     "prog: does things\n\nprog COMMAND\n\nCommands:\n  do    do it\n",
		"-h":         "  --version, -v  say it\n",
		"help":       "  --root DIR     in DIR (default: \"/run\")\n",
		"do --help":  "prog do: do it\n\nprog do [flags] ID\n\nFlags:\n  --name, -n NAME  call it NAME\n",
		"do x -h":    "",
		"help do":    "  --grace value    as long (default: 1s)\n",
		"do -n a -h": "  --help, -h       print this\n",
	} {
		var out strings.Builder
		if err := app(func(*Context) error { return nil }, &out).Run(append([]string{"prog"}, strings.Fields(line)...)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if !strings.Contains(out.String(), want) || want == "" && out.Len() > 0 || strings.Contains(out.String(), "secret") {
			t.Errorf("%s: got\n%s\nwant\n%s", line, out.String(), want)
		}
	}
}

// FuzzParse: no line makes the parser fail otherwise than by an error, and
// what it takes is what the getters give.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"do -n a x", "do --times=5 -- y", "-=", "do -e", "--=x do"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var out strings.Builder
		args := strings.Split(line, " ")
		_ = app(func(c *Context) error {
			if !slices.Equal(args[len(args)-c.NArg():], c.Args()) {
				t.Errorf("arguments %q of %q", c.Args(), args)
			}
			return nil
		}, &out).Run(append([]string{"prog"}, args...))
	})
}
