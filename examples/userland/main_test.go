package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bin is a directory with a link to the test binary for each applet.
var bin string

// TestMain makes the test binary the userland itself when it is called by an
// applet's name.
func TestMain(m *testing.M) {
	if _, ok := find(called(os.Args)); ok {
		main()
	}
	os.Exit(withLinks(m))
}

func withLinks(m *testing.M) int {
	dir, err := os.MkdirTemp("", "userland")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bin = dir
	for _, a := range applets() {
		if err := os.Symlink(self(), filepath.Join(dir, a.name)); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

// result is what a program did.
type result struct {
	out, err string
	status   int
}

// prepare sets up an applet in an empty directory and a small environment.
func prepare(t *testing.T, argv ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, filepath.Join(bin, argv[0]), argv[1:]...)
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=" + bin, "HOME=/home", "GORACE=atexit_sleep_ms=0"}
	c.WaitDelay = 10 * time.Second
	return c
}

// run runs an applet and waits for it.
func run(t *testing.T, argv ...string) result {
	t.Helper()
	return finish(t, prepare(t, argv...))
}

func finish(t *testing.T, c *exec.Cmd) result {
	t.Helper()
	var out, bad bytes.Buffer
	c.Stdout, c.Stderr = &out, &bad
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", c.Args, err)
	}
	return result{out.String(), bad.String(), c.ProcessState.ExitCode()}
}

func TestDispatch(t *testing.T) {
	tests := []struct {
		argv   []string
		out    string // a part of it
		err    string
		status int
	}{
		{[]string{"true"}, "", "", 0},
		{[]string{"false"}, "", "", 1},
		{[]string{"echo", "a", "b"}, "a b\n", "", 0},
		{[]string{"help"}, "ls [-l] [-a] [-n] [PATH…]", "", 0},
		{[]string{"sleep"}, "", "sleep: wrong arguments: a duration is needed\nusage: sleep DURATION\n", 2},
		{[]string{"cat", "/nope"}, "", "cat: /nope: ENOENT (no such file or directory)\n", 1},
		{[]string{"ls", "-Z"}, "", "ls: wrong arguments: -Z is not known", 2},
	}
	for _, test := range tests {
		got := run(t, test.argv...)
		if !strings.Contains(got.out, test.out) || !strings.Contains(got.err, test.err) || got.status != test.status {
			t.Errorf("%q: got %+v, want %+v", test.argv, got, test)
		}
	}
}

func TestExplain(t *testing.T) {
	_, missing := os.Open("/nope")
	for want, err := range map[string]error{
		"/nope: ENOENT (no such file or directory)":         missing,
		"write /dev/full: ENOSPC (no space left on device)": &os.PathError{Op: "write", Path: "/dev/full", Err: syscall.ENOSPC},
		"mmap 4K: ENOMEM (cannot allocate memory)":          fmt.Errorf("mmap 4K: %w", syscall.ENOMEM),
		"dial: connect: ECONNREFUSED (connection refused)":  fmt.Errorf("dial: %w", os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"sethostname: EPERM (operation not permitted)":      os.NewSyscallError("sethostname", syscall.EPERM),
		"errno 4000 (errno 4000)":                           syscall.Errno(4000),
		"wrong arguments: x":                                usage("x"),
	} {
		if got := explain(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestFirstArgument is the other way to name an applet.
func TestFirstArgument(t *testing.T) {
	var out bytes.Buffer
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if n := userland([]string{"/bin/userland", "echo", "x"}, nil, w, w); n != 0 {
		t.Errorf("echo: status %d", n)
	}
	if n := userland([]string{"-nosuch"}, nil, w, w); n != 2 {
		t.Errorf("nosuch: status %d, want 2", n)
	}
	w.Close()
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "x\n") || !strings.Contains(got, "there is no applet nosuch") {
		t.Errorf("got %q", got)
	}
}

// TestTable holds that both halves are in order, no name is there twice, and each
// usage fits on a line.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, half := range [][]applet{tools(), experiments()} {
		before := ""
		for _, a := range half {
			if a.name <= before || seen[a.name] {
				t.Errorf("%s comes after %s, or twice", a.name, before)
			}
			if before, seen[a.name] = a.name, true; a.about == "" || a.run == nil || len(a.name+a.args+a.about) > 120 {
				t.Errorf("%s: no program, no usage or a long one", a.name)
			}
		}
	}
}
