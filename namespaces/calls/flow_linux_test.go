package calls

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFlow leaves a directory for each branch that was taken.
func TestFlow(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		made := func(name string) Ref { return l.Mkdirat(CWD, filepath.Join(dir, name), 0o755) }
		over := l.Jump()
		skipped := made("jumped")
		over.Here()
		missing := l.Open(dir+"/missing", unix.O_PATH).Skip(0, 0)
		branch := l.UnlessErrno(missing, unix.ENOENT)
		made("enoent")
		branch.Here()
		branch = l.UnlessErrno(missing, unix.EACCES)
		made("eacces")
		branch.Here()
		branch = l.Unless(skipped, -1, 0)
		made("skipped")
		branch.Here()
		made("end")
		if missing.Done() {
			t.Error("done before it is")
		}
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		k := l.Beside() // with a result of the other
		branch = k.UnlessErrno(missing, unix.ENOENT)
		k.Mkdirat(CWD, dir+"/other", 0o755)
		branch.Here()
		if err := k.Flush(); err != nil || !missing.Done() {
			t.Fatal(err)
		}
		var got []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if want := []string{"end", "enoent", "other", "skipped"}; !slices.Equal(got, want) {
			t.Errorf("took %q, want %q", got, want)
		}
	})
}
