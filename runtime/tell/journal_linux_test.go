package tell

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// kept reads a journal with Follow: its lines, each the Reason of an event.
func kept(t *testing.T, dir string) (reasons []string, last Event) {
	t.Helper()
	q := Query{Root: filepath.Dir(dir), ID: filepath.Base(dir), Since: noon.AddDate(-50, 0, 0)}
	err := Follow(t.Context(), q, func(_ []byte, e Event) error {
		reasons, last = append(reasons, e.Reason), e
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return reasons, last
}

// container makes a directory below a new root.
func container(t *testing.T, id string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), id)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func event(dir, reason string) Event {
	return Event{Time: noon, ID: filepath.Base(dir), Kind: Status, Reason: reason}
}

// TestJournalBounded: however much is written, the newest is kept, in order, and
// no more than two files' worth.
func TestJournalBounded(t *testing.T) {
	dir := container(t, "web")
	const n = 5000
	for i := range n {
		if err := Append(dir, event(dir, fmt.Sprintf("%05d %s", i, strings.Repeat("x", 80)))); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Size() > maxFile || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info, err)
		}
	}
	reasons, _ := kept(t, dir)
	if len(reasons) < maxFile/200 {
		t.Errorf("only %d events are kept", len(reasons))
	}
	for i, r := range reasons {
		if want := fmt.Sprintf("%05d ", n-len(reasons)+i); !strings.HasPrefix(r, want) {
			t.Fatalf("event %d is %q, want %s", i, r, want)
		}
	}
}

// TestJournalManyWriters: no line is cut by another's.
func TestJournalManyWriters(t *testing.T) {
	dir := container(t, "web")
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 100 {
				if err := Append(dir, event(dir, fmt.Sprintf("%d %d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	reasons, _ := kept(t, dir)
	seen := map[string]bool{}
	for _, r := range reasons {
		seen[r] = true
	}
	if len(reasons) != 400 || len(seen) != 400 {
		t.Errorf("%d events, %d different ones", len(reasons), len(seen))
	}
}

// TestDiskFull: a full disk is told of once, what finds no room is counted, and
// what is cut off does not spoil what comes after it.
func TestDiskFull(t *testing.T) {
	dir := tmpfs(t, "64k")
	var said []string
	teller, err := New(Config{ID: filepath.Base(dir), Dir: dir, Say: func(s string) { said = append(said, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer teller.Close(0)
	for range 20 {
		teller.Tell(Event{Kind: Status, Reason: strings.Repeat("x", 5000)})
	}
	if len(said) != 1 || !strings.Contains(said[0], "no space left") {
		t.Errorf("said %q", said)
	}
	before, _ := kept(t, dir)
	if len(before) < 5 || len(before) > 12 || teller.Dropped() != uint64(20-len(before)) {
		t.Errorf("%d are kept, %d dropped", len(before), teller.Dropped())
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	teller.Tell(Event{Kind: Status, Reason: "room again"})
	after, last := kept(t, dir)
	if len(after) != len(before)+1 || last.Reason != "room again" || last.Dropped != uint64(20-len(before)) {
		t.Errorf("%d events, the last %+v", len(after), last)
	}
}

// tmpfs mounts one that nobody else sees.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("mounting a tmpfs needs root")
		}
		t.Skip("mounting a tmpfs needs root")
	}
	dir := container(t, "full")
	runtime.LockOSThread() // for good: the thread, in its own mount namespace, ends with the test
	for _, err := range []error{
		unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS),
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// TestJournalGone: a directory that is gone is no news, and what comes when there
// is one again tells what was lost.
func TestJournalGone(t *testing.T) {
	dir := container(t, "web")
	teller, err := New(Config{ID: "web", Dir: dir, Say: func(s string) { t.Errorf("said %q", s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer teller.Close(0)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	teller.Tell(Event{Kind: Died})
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is there again: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	teller.Tell(Event{Kind: State, State: "starting"})
	if _, last := kept(t, dir); last.Dropped != 1 || last.State != "starting" {
		t.Errorf("got %+v", last)
	}
}

// TestNilTeller: what was not asked for costs its caller no condition.
func TestNilTeller(t *testing.T) {
	var teller *Teller
	teller.Tell(Event{Kind: State})
	teller.Changed()
	teller.Close(Patience)
	if teller.Dropped() != 0 || teller.Address() != "" {
		t.Error("it says something")
	}
}
