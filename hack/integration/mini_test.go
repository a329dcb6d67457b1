package integration

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// user is someone with a state directory of their own who runs mini.
type user struct {
	t    *testing.T
	root string // --root

	program string // "": mini as it was built

	// become makes a command that of somebody else, who does not say --root;
	// nil: of root. See ordinary.
	become func(*exec.Cmd)
}

// newUser also requires that the test leaves nothing behind.
func newUser(t *testing.T) user {
	t.Helper()
	u := user{t: t, root: filepath.Join(t.TempDir(), "state")}
	u.leavesNothing()
	return u
}

func (u user) leavesNothing() {
	before := look(u.root)
	u.t.Cleanup(func() {
		if left := leftSince(before, u.root); len(left) > 0 {
			u.t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
			killDescendants()
		}
	})
}

// result is how one run of mini ended.
type result struct {
	status         int // as a shell would say it: 128+n by signal
	stdout, stderr string
}

// patience is how long what has to come may take, and a mini may run: a machine can
// be emulated, slow and busy, and it costs nothing where all is well.
func patience() time.Duration { return 5 * time.Minute }

// command prepares mini, without starting it.
func (u user) command(args ...string) *exec.Cmd {
	u.t.Helper()
	path, err := filepath.Abs(u.under(args))
	if err != nil {
		u.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	u.t.Cleanup(cancel)
	if u.become == nil {
		return exec.CommandContext(ctx, path, append([]string{"--root", u.root}, args...)...)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	u.become(cmd)
	return cmd
}

// mini runs mini to its end.
func (u user) mini(args ...string) result {
	u.t.Helper()
	return finish(u.t, u.command(args...))
}

// finish runs a prepared command to its end.
func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", cmd, err)
	}
	return result{exitStatus(cmd.ProcessState), stdout.String(), stderr.String()}
}

func exitStatus(p *os.ProcessState) int {
	if ws := p.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return p.ExitCode()
}

// wants requires a status and the whole of stdout.
func (r result) wants(t *testing.T, status int, stdout string) {
	t.Helper()
	if r.status != status || r.stdout != stdout {
		t.Errorf("got status %d, stdout %q, want %d, %q\nstderr: %s", r.status, r.stdout, status, stdout, r.stderr)
	}
}

// says requires patterns in stderr.
func (r result) says(t *testing.T, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(r.stderr) {
			t.Errorf("stderr has no match for %q:\n%s", pattern, r.stderr)
		}
	}
}

// background is a mini that runs while the test does other things.
type background struct {
	t      *testing.T
	cmd    *exec.Cmd
	pipe   *os.File // its stdout
	out    *bufio.Reader
	first  string // the line that start has waited for
	stderr *os.File
}

// start starts mini and returns when the container has printed a first line.
func (u user) start(args ...string) *background {
	u.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		u.t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(u.t.TempDir(), "stderr"))
	if err != nil {
		u.t.Fatal(err)
	}
	b := &background{t: u.t, cmd: u.command(args...), pipe: read, out: bufio.NewReader(read), stderr: stderr}
	b.cmd.Stdout, b.cmd.Stderr = write, stderr
	err = b.cmd.Start()
	write.Close()
	if err != nil {
		u.t.Fatal(err)
	}
	_ = read.SetReadDeadline(time.Now().Add(patience()))
	if b.first, err = b.out.ReadString('\n'); err != nil {
		r := b.signal(syscall.SIGKILL)
		u.t.Fatalf("mini %q: the container printed %q and no line: %v, status %d\n%s", args, b.first, err, r.status, r.stderr)
	}
	return b
}

// wait waits for the end. The result's stdout is what was not yet read. A
// container that outlives mini keeps the pipe open; that is an error, not a hang.
func (b *background) wait() result {
	b.t.Helper()
	_ = b.cmd.Wait()
	_ = b.pipe.SetReadDeadline(time.Now().Add(time.Minute))
	rest, err := io.ReadAll(b.out)
	if err != nil {
		b.t.Errorf("mini is gone (%d), its container is not: %v", exitStatus(b.cmd.ProcessState), err)
	}
	stderr, _ := os.ReadFile(b.stderr.Name())
	return result{exitStatus(b.cmd.ProcessState), string(rest), string(stderr)}
}

// signal sends mini a signal and waits for the end.
func (b *background) signal(s os.Signal) result {
	b.t.Helper()
	_ = b.cmd.Process.Signal(s)
	return b.wait()
}

// bundle makes a bundle on the common root file system from what mini spec
// gives, with changes.
func (u user) bundle(changes ...func(*specs.Spec)) string {
	u.t.Helper()
	root, err := filepath.Abs(rootfsDir)
	if err != nil {
		u.t.Fatal(err)
	}
	spec := u.spec()
	spec.Root = &specs.Root{Path: root}
	spec.Process.Terminal = false
	for _, change := range changes {
		change(spec)
	}
	dir := u.t.TempDir()
	text, err := json.MarshalIndent(spec, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644)
	}
	if err != nil {
		u.t.Fatal(err)
	}
	return dir
}

// spec is the default configuration.
func (u user) spec() *specs.Spec {
	u.t.Helper()
	r := u.mini("spec", "--bundle", "-")
	spec := new(specs.Spec)
	if err := json.Unmarshal([]byte(r.stdout), spec); err != nil || r.status != 0 || spec.Process == nil || spec.Linux == nil {
		u.t.Fatalf("mini spec: status %d, %v\n%s%s", r.status, err, r.stdout, r.stderr)
	}
	return spec
}

// sh makes a shell script the container's program.
func sh(script string) func(*specs.Spec) {
	return func(s *specs.Spec) { s.Process.Args = []string{"/bin/sh", "-c", script} }
}
