package runtime

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/runtime/control"
	"mini/runtime/logs"
)

func newHub(t *testing.T) *hub {
	t.Helper()
	log, err := logs.Create(t.TempDir(), logs.Limits{Size: logs.MinSize, Files: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return &hub{log: log}
}

// client is a connection, both ends non-blocking.
func client(t *testing.T) (theirs, ours *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours = os.NewFile(uintptr(fds[0]), "client"), os.NewFile(uintptr(fds[1]), "server")
	t.Cleanup(func() { theirs.Close(); ours.Close() })
	return theirs, ours
}

func frame(t *testing.T, conn *os.File) control.Frame {
	t.Helper()
	f, _, err := control.Read(conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestHubToEachClient(t *testing.T) {
	h := newHub(t)
	a, ours := client(t)
	h.join(ours)
	h.put(logs.Stdout, []byte("one"))
	b, ours2 := client(t)
	h.join(ours2)
	h.put(logs.Stderr, []byte("two"))
	h.leave(ours)
	h.put(logs.Stdout, []byte("three"))
	h.end(control.Reply{Ended: true, Status: 3})
	for _, want := range []string{"oone", "etwo"} {
		if f := frame(t, a); string(f.Kind)+string(f.Body) != want {
			t.Errorf("the first got %c%s, want %s", f.Kind, f.Body, want)
		}
	}
	for _, want := range []string{"etwo", "othree"} {
		if f := frame(t, b); string(f.Kind)+string(f.Body) != want {
			t.Errorf("the second got %c%s, want %s", f.Kind, f.Body, want)
		}
	}
	late, ours3 := client(t)
	h.join(ours3)
	for _, conn := range []*os.File{b, late} {
		if r, err := parseReply(frame(t, conn)); err != nil || r.Status != 3 || !r.Ended {
			t.Errorf("the end: %+v, %v", r, err)
		}
	}
}

// TestHubSlowClient: one who takes nothing is let go, the others get all.
func TestHubSlowClient(t *testing.T) {
	h := newHub(t)
	slow, ours := client(t)
	h.join(ours)
	text := []byte(strings.Repeat("x", 8<<10))
	for range 100 { // more than a socket holds
		h.put(logs.Stdout, text)
	}
	if len(h.clients) != 0 {
		t.Error("it is still there")
	}
	n, err := io.Copy(io.Discard, slow)
	if err != nil || n == 0 || n > 100*8200 {
		t.Errorf("it got %d bytes, %v", n, err)
	}
}

// TestOutputDrain: what something that was left behind goes on to hold is not
// waited for, and what was written is there.
func TestOutputDrain(t *testing.T) {
	h := newHub(t)
	o, err := h.open(&Plan{})
	if err != nil {
		t.Fatal(err)
	}
	held, err := unix.FcntlInt(o.ends[1].Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(held)
	theirs, ours := client(t)
	h.join(ours)
	if _, err := o.ends[1].WriteString("the tail"); err != nil {
		t.Fatal(err)
	}
	if err := o.drain(); err != nil {
		t.Error(err)
	}
	if f := frame(t, theirs); string(f.Body) != "the tail" {
		t.Errorf("got %q", f.Body)
	}
}

func TestBoard(t *testing.T) {
	var b board
	healthy := func(r control.Reply) bool { return r.Reached(control.Healthy) }
	got := make(chan control.Reply)
	go func() {
		r, _ := b.until(context.Background(), healthy)
		got <- r
	}()
	b.set(func(r *control.Reply) { r.State = "starting" })
	b.set(func(r *control.Reply) { r.State, r.Pid = "healthy", 7 })
	if r := <-got; r.Pid != 7 {
		t.Errorf("got %+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.until(ctx, func(control.Reply) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
