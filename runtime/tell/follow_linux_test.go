package tell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// following runs Follow and gives its lines, shortened, on a channel that is
// closed when it has ended.
func following(t *testing.T, q Query) (lines chan string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	lines = make(chan string)
	q.Follow = true
	go func() {
		defer close(lines)
		err := Follow(ctx, q, func(_ []byte, e Event) error {
			lines <- strings.TrimSpace(fmt.Sprint(e.ID, " ", e.Kind, " ", e.State, e.Reason))
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	return lines, cancel
}

func expect(t *testing.T, lines chan string, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := <-lines; got != w {
			t.Fatalf("got %q, want %q", got, w)
		}
	}
}

func over(t *testing.T, lines chan string) {
	t.Helper()
	for got := range lines {
		t.Errorf("got %q after the end", got)
	}
}

// note appends a state to a container's journal.
func note(t *testing.T, root, id, state string) {
	t.Helper()
	err := Append(filepath.Join(root, id), Event{Time: time.Now(), ID: id, Kind: State, State: state})
	if err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path ...string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(path...), 0o700); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path ...string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(path...)); err != nil {
		t.Fatal(err)
	}
}

// TestFollowAll: containers come and go, and the directory of all with them; all
// is seen that happens after the beginning, nothing that was before.
func TestFollowAll(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run", "mini")
	lines, stop := following(t, Query{Root: root, Since: time.Now()})
	mkdir(t, root, "..")
	mkdir(t, root)
	mkdir(t, root, "a")
	note(t, root, "a", "starting")
	expect(t, lines, "a state starting")
	if err := os.WriteFile(filepath.Join(root, "a", "state.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mkdir(t, root, "b")
	note(t, root, "b", "starting")
	expect(t, lines, "b state starting")
	note(t, root, "a", "exited")
	expect(t, lines, "a state exited")
	remove(t, root, "a")
	expect(t, lines, "a removed")
	mkdir(t, root, "a") // another of this name
	note(t, root, "a", "starting")
	expect(t, lines, "a state starting")
	remove(t, root)
	for range 2 {
		if got := <-lines; got != "a removed" && got != "b removed" {
			t.Errorf("got %q", got)
		}
	}
	mkdir(t, root)
	mkdir(t, root, "c")
	note(t, root, "c", "created")
	expect(t, lines, "c state created")
	stop()
	over(t, lines)
}

// TestFollowTail: what a container told last is read even when its directory was
// removed before anybody looked.
func TestFollowTail(t *testing.T) {
	root := t.TempDir()
	mkdir(t, root, "a")
	mkdir(t, root, "b")
	lines, stop := following(t, Query{Root: root, Since: time.Now()})
	note(t, root, "b", "starting")
	expect(t, lines, "b state starting") // it has begun, with both
	note(t, root, "a", "starting")
	expect(t, lines, "a state starting") // and holds a's journal
	note(t, root, "b", "healthy")        // its line is not taken until the next expect: the reader waits
	note(t, root, "a", "stopping")
	note(t, root, "a", "exited")
	remove(t, root, "a")
	got := map[string]bool{}
	for range 4 {
		got[<-lines] = true
	}
	for _, want := range []string{"b state healthy", "a state stopping", "a state exited", "a removed"} {
		if !got[want] {
			t.Errorf("no %q in %v", want, got)
		}
	}
	stop()
	over(t, lines)
}

// TestFollowOne ends with the container.
func TestFollowOne(t *testing.T) {
	root := t.TempDir()
	for _, id := range []string{"web", "other"} {
		mkdir(t, root, id)
		note(t, root, id, "starting")
	}
	// With Since the first line says that it has begun.
	lines, _ := following(t, Query{Root: root, ID: "web", Since: noon.AddDate(-1, 0, 0)})
	expect(t, lines, "web state starting")
	note(t, root, "other", "exited")
	for _, state := range []string{"healthy", "stopping", "failed"} {
		note(t, root, "web", state)
	}
	expect(t, lines, "web state healthy", "web state stopping", "web state failed")
	over(t, lines)

	for _, q := range []Query{{Root: root, ID: "web"}, {Root: root, ID: "web", Since: time.Now()}} {
		lines, _ = following(t, q)
		over(t, lines) // it has ended already
	}
	mkdir(t, root, "short")
	note(t, root, "short", "starting")
	lines, _ = following(t, Query{Root: root, ID: "short", Since: noon.AddDate(-1, 0, 0)})
	expect(t, lines, "short state starting")
	remove(t, root, "short")
	expect(t, lines, "short removed")
	over(t, lines)
	if err := Follow(t.Context(), Query{Root: root, ID: "none"}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestSince: what was kept of all containers comes in the order of time.
func TestSince(t *testing.T) {
	root := t.TempDir()
	for i, id := range []string{"b", "a", "b", "a", "b"} {
		if i < 2 {
			mkdir(t, root, id)
		}
		e := Event{Time: noon.Add(time.Duration(i) * time.Second), ID: id, Kind: Status, Reason: fmt.Sprint(i)}
		if err := Append(filepath.Join(root, id), e); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := Follow(t.Context(), Query{Root: root, Since: noon.Add(time.Second)}, func(line []byte, e Event) error {
		got = append(got, e.ID+e.Reason)
		return nil
	})
	if want := "[a1 b2 a3 b4]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v, want %s", got, err, want)
	}
}

// TestFollowRotation reads along while the journal is rotated, and says when it
// was too slow for it.
func TestFollowRotation(t *testing.T) {
	root := t.TempDir()
	mkdir(t, root, "web")
	dir := filepath.Join(root, "web")
	filler := strings.Repeat("x", 4000)
	put := func(i int) {
		if err := Append(dir, event(dir, fmt.Sprintf("%04d %s", i, filler))); err != nil {
			t.Fatal(err)
		}
	}
	put(0)
	lines, stop := following(t, Query{Root: root, ID: "web", Since: noon.AddDate(-1, 0, 0)})
	for i := range 200 {
		if got, want := <-lines, fmt.Sprintf("web status %04d", i); !strings.HasPrefix(got, want) {
			t.Fatalf("got %.30q, want %s", got, want)
		}
		put(i + 1)
	}
	// It has read the last line, or will; now comes more than is kept.
	for i := range 200 {
		put(1000 + i)
	}
	lost := false
	for got := range lines {
		lost = lost || got == "web lost"
		if strings.HasPrefix(got, "web status 1199") {
			break
		}
	}
	if !lost {
		t.Error("it was not told that some are lost")
	}
	stop()
	for range lines {
	}
}
