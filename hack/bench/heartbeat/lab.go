package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A lab is where it all happens: a folder with a root file system and what the
// engines keep, and a cgroup in which they are started.
type lab struct {
	dir, group string
	mini       string // the program
	runtime    string // podman's
	next       int
}

// An engine runs services and watches them.
type engine interface {
	name() string
	// start runs args detached; flags are the engine's own.
	start(name string, flags []string, args ...string) (*service, error)
	remove(s *service) error
}

// A service is one that runs.
type service struct {
	name    string
	page    *page
	watcher int    // the process that stays with it: mini's supervisor, conmon
	guard   int    // and one that stays with that, 0: none
	group   string // of all that the engine does for it, the service itself excepted; "": not known
	took    time.Duration
}

func newLab(mini, runtime string) (*lab, error) {
	dir, err := os.MkdirTemp("", "mini-heartbeat")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, group: filepath.Join(cgroupRoot, filepath.Base(dir)), mini: mini, runtime: runtime}
	if err := os.Chmod(dir, 0o755); err != nil {
		return l, err
	}
	return l, l.furnish()
}

// furnish makes the root file system: this program, which is the service, and busybox.
func (l *lab) furnish() error {
	for _, d := range []string{"bin", "bench", "proc", "sys", "dev", "etc", "run", "tmp", "www"} {
		if err := os.MkdirAll(filepath.Join(l.root(), d), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(l.root(), "tmp"), 0o777); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("run hack/bootstrap: %w", err)
	}
	for from, to := range map[string]string{self: servicePath, busybox: "/bin/busybox"} {
		if err := copyFile(from, filepath.Join(l.root(), to)); err != nil {
			return err
		}
	}
	for _, name := range []string{"true", "sh", "httpd", "sleep"} {
		if err := os.Symlink("busybox", filepath.Join(l.root(), "bin", name)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(l.root(), "www/index.html"), []byte("ok\n"), 0o644)
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o755)
}

func (l *lab) root() string { return filepath.Join(l.dir, "rootfs") }

// file writes a file of the lab and returns its path.
func (l *lab) file(name, text string) (string, error) {
	path := filepath.Join(l.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}

// unused is a name that no service had before.
func (l *lab) unused() string {
	l.next++
	return fmt.Sprintf("hb%d", l.next)
}

// volume is a folder that a service finds as /bench, with its page.
func (l *lab) volume(name string) (string, *page, error) {
	dir := filepath.Join(l.dir, "volumes", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", nil, err
	}
	p, err := makePage(filepath.Join(dir, "page"))
	return dir, p, err
}

// command is one that is born in a cgroup of the lab, and killed if it takes
// longer than a minute. What stays of it does not hold our pipes.
func (l *lab) command(group string, env []string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	said, err := os.CreateTemp(l.dir, "said")
	if err != nil {
		return err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd.Stdout, cmd.Stderr = said, said
	cmd.Env = append(os.Environ(), env...)
	attr, dir, err := bornIn(group)
	if err != nil {
		return err
	}
	defer dir.Close()
	cmd.SysProcAttr = attr
	if err := cmd.Run(); err != nil {
		_, _ = said.Seek(0, io.SeekStart)
		text, _ := io.ReadAll(said)
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, text)
	}
	return nil
}

// leave removes the lab. Its services have been removed before; what engines let
// run a little longer may be in the way at first.
func (l *lab) leave() (err error) {
	for range 50 {
		if err = l.clear(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func (l *lab) clear() error {
	err := os.RemoveAll(l.dir)
	dirs, _ := filepath.Glob(filepath.Join(l.group, "*", "cgroup.procs")) // the pattern is well formed
	for _, d := range append(dirs, filepath.Join(l.group, "x")) {
		// Not RemoveAll: the files of a cgroup cannot be removed, and need not be.
		if failed := os.Remove(filepath.Dir(d)); failed != nil && !errors.Is(failed, os.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
