package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ordinaryID is the user and group that ordinary users of these tests are.
const ordinaryID = 12345

// ordinary is a user without privileges and without a name, with a home of
// their own.
type ordinary struct {
	user
	dir    string // mini, home, run and rootfs, where others can see them
	rootfs string // owned by the user
}

// newOrdinary copies what the user needs: the tree may be where only root gets.
func newOrdinary(t *testing.T) ordinary {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "mini-ordinary-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	o := ordinary{user{t: t, root: filepath.Join(dir, "run/mini")}, dir, filepath.Join(dir, "home/rootfs")}
	script := `set -e; chmod 755 "$0"; cp "$1" "$0/mini"; chmod 755 "$0/mini"; mkdir -m 700 "$0/run" "$0/home"
		cp -a "$2" "$0/home/rootfs"; chown -R "$3:$3" "$0/run" "$0/home"; chown "$3:$3" "$0"`
	if err := run("sh", "-c", script, dir, miniPath, rootfsDir, fmt.Sprint(ordinaryID)); err != nil {
		t.Fatal(err)
	}
	o.become = o.dress
	o.leavesNothing()
	return o
}

// dress makes a command the user's.
func (o ordinary) dress(cmd *exec.Cmd) {
	cmd.Path = filepath.Join(o.dir, "mini")
	cmd.Dir = filepath.Join(o.dir, "home")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + cmd.Dir, "XDG_RUNTIME_DIR=" + filepath.Join(o.dir, "run")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryID, Gid: ordinaryID}}
}

// through makes all of the user's commands those of a shell that root runs
// first; it ends in an exec of "$@".
func (o *ordinary) through(script string) {
	o.become = func(cmd *exec.Cmd) {
		o.dress(cmd)
		id := fmt.Sprint(ordinaryID)
		args := []string{"sh", "-ec", script, "sh", "setpriv", "--reuid", id, "--regid", id, "--clear-groups", cmd.Path}
		cmd.Path, cmd.Args, cmd.SysProcAttr = "/bin/sh", append(args, cmd.Args[1:]...), nil
	}
}

// bundle makes a bundle of the user's own from what mini spec gives them.
func (o ordinary) bundle(changes ...func(*specs.Spec)) string {
	o.t.Helper()
	to := filepath.Join(o.dir, "home", fmt.Sprintf("bundle-%d", len(glob(o.dir, "home/bundle-*"))))
	made := o.user.bundle(append([]func(*specs.Spec){func(s *specs.Spec) { s.Root.Path = o.rootfs }}, changes...)...)
	if err := run("sh", "-c", `cp -r "$0" "$1" && chown -R "$2:$2" "$1"`, made, to, fmt.Sprint(ordinaryID)); err != nil {
		o.t.Fatal(err)
	}
	return to
}

func glob(dir, pattern string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, pattern))
	return found
}

// needHelpers skips without newuidmap, but not in CI.
func needHelpers(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("newuidmap"); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no newuidmap: run hack/bootstrap")
	}
	t.Skip("needs newuidmap: run hack/bootstrap")
}

// grant gives the user ids as an administrator would, in files that only the
// user's commands see.
func (o *ordinary) grant() {
	for name, text := range map[string]string{
		"passwd": fmt.Sprintf("root:x:0:0:root:/root:/bin/sh\nann:x:%d:%[1]d::/:/bin/sh\n", ordinaryID),
		"subuid": "ann:200000:65536\n",
		"subgid": fmt.Sprintf("%d:300000:65536\n", ordinaryID),
	} {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o644); err != nil {
			o.t.Fatal(err)
		}
	}
	script := strings.ReplaceAll(`exec unshare --mount --propagation private sh -ec '
		for f in passwd subuid subgid; do mount --bind DIR/$f /etc/$f; done; exec "$@"' sh "$@"`, "DIR", o.dir)
	for _, f := range []string{"/etc/subuid", "/etc/subgid"} { // mount points
		if file, err := os.OpenFile(f, os.O_CREATE|os.O_RDONLY, 0o644); err == nil {
			file.Close()
		}
	}
	o.through(script)
}
