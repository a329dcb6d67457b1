package process

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// TestWriteOwn writes a file that every kernel has, in the way that labels are
// written: through a procfs of our own, or where the kernel gives none through the
// one on /proc; and not where that is something else.
func TestWriteOwn(t *testing.T) {
	needRoot(t)
	for _, tt := range []struct {
		name  string
		weak  bool // in a user namespace that does not own the pid namespace
		decoy bool // on /proc
		errno unix.Errno
	}{
		{name: "own"},
		{name: "own, a decoy on /proc", decoy: true},
		{name: "the one on /proc", weak: true},
		{name: "a decoy on /proc", weak: true, decoy: true, errno: unix.EXDEV},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := startHand(t, small())
			if tt.weak {
				weakHand(t, h)
			} else {
				h.enter(t, mile{Root: newRoot(t, nil)})
			}
			l := h.List()
			if tt.decoy {
				l.Call("mount", unix.SYS_MOUNT, l.Text("tmpfs"), l.Text("/proc"), l.Text("tmpfs"), calls.N(0), calls.Arg{})
			}
			writeOwn(l, openProc(l), []string{"no-such-file", "comm"}, "labelled")
			if err := l.Flush(); tt.errno != 0 || err != nil {
				if !errors.Is(err, tt.errno) {
					t.Errorf("got %v, want %v", err, tt.errno)
				}
				return
			}
			comm, err := os.ReadFile("/proc/" + itoa(h.cmd.Process.Pid) + "/comm")
			if got := strings.TrimSpace(string(comm)); got != "labelled" {
				t.Errorf("wrote %q, %v", got, err)
			}
		})
	}
}

// weakHand takes the right to a procfs of its own from a hand. What it mounts from
// then on no other namespace sees.
func weakHand(t *testing.T, h *hand) {
	t.Helper()
	l := h.List()
	l.Call("unshare", unix.SYS_UNSHARE, calls.N(unix.CLONE_NEWUSER|unix.CLONE_NEWNS))
	fs := l.Fsopen("proc")
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	private := l.Beside()
	private.FsconfigCreate(fs.Arg())
	private.Fsmount(fs.Arg(), 0)
	if err := private.Flush(); !errors.Is(err, unix.EPERM) {
		t.Fatalf("a procfs of its own: got %v", err)
	}
}
