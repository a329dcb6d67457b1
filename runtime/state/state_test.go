package state

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

func TestCheckID(t *testing.T) {
	for _, tt := range []struct {
		id string
		ok bool
	}{
		{"web", true}, {"a_b+c-d.e", true}, {"0", true}, {"...", true},
		{"", false}, {".", false}, {"..", false}, {"a/b", false}, {"../x", false},
		{"a b", false}, {"é", false}, {"a\n", false}, {"a\x00", false},
		{string(make([]byte, 256)), false},
	} {
		if err := CheckID(tt.id); (err == nil) != tt.ok {
			t.Errorf("CheckID(%q) = %v, want ok = %v", tt.id, err, tt.ok)
		}
	}
}

// FuzzCheckID holds that an accepted id is one path component below the root.
func FuzzCheckID(f *testing.F) {
	for _, id := range []string{"web", "..", "a/b", "./x"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if CheckID(id) != nil {
			return
		}
		if path := filepath.Join("/run/mini", id); filepath.Dir(path) != "/run/mini" || filepath.Base(path) != id {
			t.Errorf("id %q leads to %s", id, path)
		}
	})
}

func newDir(t *testing.T, id string) *Dir {
	t.Helper()
	d, err := At(filepath.Join(t.TempDir(), "root"), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Create("me"); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCreateTwice(t *testing.T) {
	d := newDir(t, "web")
	again := &Dir{ID: d.ID, Path: d.Path}
	if err := again.Create("me"); !errors.Is(err, ErrExists) {
		t.Errorf("second Create: %v, want ErrExists", err)
	}
}

// TestCreateRace lets many creators of one name race with the removal of
// others in the same root: one wins, and no one sees the root vanish.
func TestCreateRace(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	for range 50 {
		var won, other int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				d := &Dir{ID: "web", Path: filepath.Join(root, "web")}
				err := d.Create("me")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case !errors.Is(err, ErrExists):
					other++
					t.Error(err)
				}
			})
			wg.Go(func() {
				d := &Dir{ID: "other", Path: filepath.Join(root, "other")}
				if d.Create("me") == nil {
					if err := d.Remove(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if won != 1 || other != 0 {
			t.Fatalf("%d creators won, %d failed otherwise; want 1 and 0", won, other)
		}
		if err := (&Dir{ID: "web", Path: filepath.Join(root, "web")}).Remove(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRemoveLeavesNothing(t *testing.T) {
	d := newDir(t, "web")
	if err := d.Journal("cgroup /x"); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(d.Path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the empty root is still there: %v", err)
	}
}

func TestLock(t *testing.T) {
	d := newDir(t, "web")
	other, err := Open(filepath.Dir(d.Path), "web")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Lock("me"); !errors.Is(err, ErrBusy) {
		t.Errorf("Lock of a held container: %v, want ErrBusy", err)
	}
	d.Unlock()
	if err := other.Lock("me"); err != nil {
		t.Errorf("Lock after Unlock: %v", err)
	}
	if got := d.Owner(); got != "me" {
		t.Errorf("Owner = %q, want %q", got, "me")
	}
}

func TestOpenUnknown(t *testing.T) {
	if _, err := Open(t.TempDir(), "web"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Open of nothing: %v, want ErrNotFound", err)
	}
}

func TestList(t *testing.T) {
	d := newDir(t, "b")
	root := filepath.Dir(d.Path)
	if err := (&Dir{ID: "a", Path: filepath.Join(root, "a")}).Create("me"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := List(root)
	if want := []string{"a", "b"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("List = %v, %v, want %v", got, err, want)
	}
	if got, err := List(filepath.Join(root, "none")); err != nil || got != nil {
		t.Errorf("List of no root = %v, %v", got, err)
	}
}

func TestJournal(t *testing.T) {
	d := newDir(t, "web")
	if lines, err := d.Lines(); err != nil || lines != nil {
		t.Errorf("Lines of a new container = %v, %v", lines, err)
	}
	want := []string{"cgroup /sys/fs/cgroup/mini/web", "process 12 34"}
	for _, line := range want {
		if err := d.Journal(line); err != nil {
			t.Fatal(err)
		}
	}
	f, err := d.file(journalFile, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("file /cut sho"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got, err := d.Lines(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Lines = %q, %v, want %q", got, err, want)
	}
}

func TestRecord(t *testing.T) {
	d := newDir(t, "web")
	if r, err := d.Load(); err != nil || !reflect.DeepEqual(r, Record{ID: "web"}) {
		t.Errorf("Load before Save = %+v, %v", r, err)
	}
	want := Record{ID: "web", Pid: 7, Start: 1 << 60, Created: time.Unix(1, 0).UTC(), Annotations: map[string]string{"a": "b"}}
	if err := d.Save(want); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Load = %+v, %v, want %+v", got, err, want)
	}
}

func TestLoadBroken(t *testing.T) {
	d := newDir(t, "web")
	if err := os.WriteFile(filepath.Join(d.Path, recordFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Load(); err == nil {
		t.Error("Load of a broken record: no error")
	}
}

func TestStop(t *testing.T) {
	d := newDir(t, "web")
	if d.StopAsked() {
		t.Error("StopAsked before AskStop")
	}
	if err := d.AskStop(); err != nil {
		t.Fatal(err)
	}
	if !(&Dir{ID: d.ID, Path: d.Path}).StopAsked() {
		t.Error("not StopAsked after AskStop")
	}
}

func TestFrozenConfig(t *testing.T) {
	d := newDir(t, "web")
	if err := d.Freeze([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Config(); err != nil || string(got) != "{}" {
		t.Errorf("Config = %q, %v", got, err)
	}
}
