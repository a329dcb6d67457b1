package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// insideOf are the operations of init.
func insideOf(s Steps) []Op { return slices.Concat(s.Mount, s.Pivot, s.Seal) }

// needsGo asks the operations of init themselves. There is no process that would do
// what they add.
func needsGo(s Steps) bool {
	return slices.ContainsFunc(insideOf(s), func(op Op) bool {
		l := calls.Hand{}.Errand()
		op.Calls(l)
		return errors.Is(l.Flush(), calls.ErrNone)
	})
}

// add adds the operations to a list, each with its number.
func add(l *calls.List, ops []Op) {
	for i, op := range ops {
		l.Step(i)
		op.Calls(l)
	}
}

// buildByHand has a hand build the root and become the helper that obeys in it.
func buildByHand(conn *os.File, s Steps, trips *int) error {
	h := calls.Hand{Socket: conn, There: 3}
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	l := h.List()
	l.Count(trips)
	args := l.Lend(append(s.Sources.Files(), self)...)
	if err := s.Sources.FillArgs(args[:len(args)-1]); err != nil {
		return err
	}
	ops := insideOf(s)
	add(l, ops)
	err = l.Flush()
	if f := (*calls.Failure)(nil); errors.As(err, &f) {
		return fmt.Errorf("%s [%s]: %w", ops[f.Step], ops[f.Step].Field(), err)
	}
	if err != nil {
		return err
	}
	k := h.List()
	argv, env := k.Strings([]string{"rootfs", builtWord}), k.Strings(nil)
	k.Call("execveat", unix.SYS_EXECVEAT, args[len(args)-1], k.Text(""), argv, env, calls.N(unix.AT_EMPTY_PATH))
	k.Begin()
	return nil
}

// TestTrips: how often what is inside is told to do something, until the container is
// whole. Everything that a usual container needs is one list; more often it is asked
// of only where the image is not as expected.
func TestTrips(t *testing.T) {
	file := filepath.Join(tempDir(t), "file")
	put(t, file, "bound")
	plain := func(root string) Config { return fullConfig(root) }
	userns := func(root string) Config {
		c := fullConfig(root)
		c.UserNS = true
		return c
	}
	with := func(dest string) func(root string) Config {
		return func(root string) Config {
			c := fullConfig(root)
			c.Mounts = append(c.Mounts, bindOf(file, dest, "bind", "ro"), tmpfsAt("/tmp"), tmpfsAt("/run"))
			c.MaskedPaths = append(c.MaskedPaths, "/etc/name", "/etc", "/proc/none")
			return c
		}
	}
	for _, tt := range []struct {
		name   string
		config func(root string) Config
		trips  int
	}{
		{"plain", plain, 1},
		{"user namespace", userns, 1},
		{"a file bound on a file", with("/etc/name"), 1},
		{"a mount point is missing", with("/etc/hosts"), 1},
		{"and its directory too", with("/new/dir/hosts"), 1 + 10},
		{"a masked path goes through a file", func(root string) Config {
			c := plain(root)
			c.MaskedPaths = append([]string{"/etc/name/x"}, c.MaskedPaths...)
			return c
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			b := box{Config: tt.config(makeRoot(t)), hand: true, trips: &n}
			got := b.in(t, "mount /sys/fs/cgroup", "mount /etc", "mount /proc/cmdline")
			if !strings.HasPrefix(got[0], "cgroup2 ro") || !strings.HasPrefix(got[2], "devtmpfs") {
				t.Errorf("the container is not whole: %q", got)
			}
			if n != tt.trips {
				t.Errorf("%d trips, want %d", n, tt.trips)
			}
		})
	}
}
