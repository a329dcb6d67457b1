package calls

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNested has a list stop in its middle for one beside it, and that for a third, each
// with more calls and data than the one before. What the outer ones have still to do and
// what it points to must be there when they go on, and all results.
func TestNested(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		n := nest{t: t, dir: l.Open(dir, unix.O_PATH), depth: 3}
		n.fill(l)
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"1a", "1b", "2a", "2b", "3a", "3b", "1c", "2c", "3c"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		if names, _ := filepath.Glob(dir + "/*"); len(names) != 9 {
			t.Errorf("made %q", names)
		}
	})
}

// nest is lists in lists: 3 is the outermost.
type nest struct {
	t     *testing.T
	dir   Ref // open by the outermost list, used by all
	depth int
}

// fill has l make a directory, stop, let the next list be done, and make two more. Its
// own descriptor, from before the stop, is used behind it.
func (n nest) fill(l *List) {
	name := strconv.Itoa(n.depth)
	l.Mkdirat(n.dir.Arg(), name+"a", 0o755)
	own := l.Dup(n.dir.Arg(), 100)
	before, written := l.Memory([]byte("before "+name)), l.Words(N(n.depth))
	copied := l.Load(written.Arg())
	stop := l.Open("/missing", unix.O_PATH)
	stop.Else(unix.ENOENT, func(unix.Errno) error {
		written.Bytes()[0] = 50 // read behind the stop
		stop.Set(60 + n.depth)
		return n.inner(l)
	})
	l.Mkdirat(own.Arg(), name+"b", 0o755)
	after, set := l.Load(written.Arg()), l.Space(8)
	l.Store(set.Arg(), stop.Arg())
	l.Mkdirat(own.Arg(), name+"c", 0o755)
	l.Close(own.Arg())
	l.Call("getpid", unix.SYS_GETPID).Else(0, func(unix.Errno) error { return errors.New("failed") })
	n.t.Cleanup(func() {
		if copied.Result() != n.depth || after.Result() != 50 || set.Bytes()[0] != byte(60+n.depth) {
			n.t.Errorf("list %d: %d, %d, %d", n.depth, copied.Result(), after.Result(), set.Bytes()[0])
		}
		if !bytes.Equal(before.Bytes(), []byte("before "+name)) {
			n.t.Errorf("list %d: %q", n.depth, before.Bytes())
		}
	})
}

// inner has the next list done, which is the larger the deeper it is.
func (n nest) inner(l *List) error {
	if n.depth--; n.depth == 0 {
		return nil
	}
	k := l.Beside()
	for range 300 / n.depth {
		m := k.Memory(bytes.Repeat([]byte{0xee}, 100))
		k.Store(m.Arg(), N(^uint32(0)))
	}
	n.fill(k)
	return k.Flush()
}

// TestForeign: a result that is not there yet is no argument of another list's calls.
func TestForeign(t *testing.T) {
	l := New()
	fd := l.Dup(N(0), 100)
	k := l.Beside()
	k.Close(fd.Arg())
	if err := k.Flush(); !errors.Is(err, errForeign) {
		t.Errorf("got %v", err)
	}
}
