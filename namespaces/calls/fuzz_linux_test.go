package calls

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzLists has lists of harmless calls done here and by a hand: both must come to
// the same results, the same memory and the same error.
func FuzzLists(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 3, 8, 4, 8, 5, 9, 6, 1, 7})
	f.Add([]byte{0x12, 1, 0x13, 2, 0x40, 9, 3, 3, 5, 0x51, 6, 7, 0xff, 8})
	f.Add([]byte("lists of calls that are rather long, for what it is worth: !\"#$%&/()=?"))
	dir := f.TempDir()
	if err := os.WriteFile(dir+"/a", []byte("content"), 0o644); err != nil {
		f.Fatal(err)
	}
	if err := os.Symlink("a", dir+"/b"); err != nil {
		f.Fatal(err)
	}
	h, _ := startHand(f)
	f.Fuzz(func(t *testing.T, p []byte) {
		here, there := invent(New(), dir, p), invent(h.List(), dir, p)
		defer here.tidy(t, 500)
		defer there.tidy(t, 4)
		errHere, errThere := here.list.Flush(), there.list.Flush()
		if (errHere == nil) != (errThere == nil) || errHere != nil && errHere.Error() != errThere.Error() {
			t.Errorf("here: %v; hand: %v", errHere, errThere)
		}
		compare(t, here, there)
	})
}

// invention is a list that bytes have been turned into.
type invention struct {
	list  *List
	rest  []byte
	space Memory // 64 bytes that are written and read
	opens []Ref  // their results differ
	known []Ref  // their results are the same for all who do the list
	apart map[int]bool
}

// invent makes a list. Descriptors are copied to numbers that are the same wherever
// it is done, and only those are used.
func invent(l *List, dir string, p []byte) *invention {
	v := &invention{list: l, rest: p[:min(len(p), 200)], space: l.Space(64), apart: map[int]bool{}}
	v.opens = append(v.opens, l.Open(dir, unix.O_PATH))
	v.known = append(v.known, l.Dup(v.opens[0].Arg(), 500))
	for len(v.rest) > 0 {
		v.add(v.next(), v.list)
	}
	v.mend()
	return v
}

func (v *invention) next() int {
	if len(v.rest) == 0 {
		return 0
	}
	b := v.rest[0]
	v.rest = v.rest[1:]
	return int(b)
}

// add adds one call, and decides by the same byte what its failure is.
func (v *invention) add(b int, l *List) {
	at, some := v.space.At(v.next()%57), v.known[v.next()%len(v.known)].Arg()
	switch b % 9 {
	case 0:
		v.known = append(v.known, l.Load(at))
	case 1:
		v.known = append(v.known, l.Store(at, some))
	case 2:
		v.open(b/9, l)
	case 3:
		v.close(l)
	case 4:
		l.Check("check", at, uint64(v.next()), uint64(v.next()), unix.Errno(1+b/9))
	case 5:
		v.known = append(v.known, l.Read(v.known[0].Arg(), l.Space(4)))
	case 6:
		l.Readlinkat(v.known[0].Arg(), "b", l.Space(8))
	case 7:
		v.opens = append(v.opens, l.Call("getpid", unix.SYS_GETPID))
	case 8:
		v.mend()
		_ = l.Flush()
		return
	}
	v.after(Ref{l, len(l.calls) - 1}, v.next())
}

// open opens a file and copies its descriptor.
func (v *invention) open(b int, l *List) {
	names := []string{"a", "b", "missing", "a/x", "..", "."}
	how := unix.OpenHow{Flags: unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH}
	if b%2 == 1 {
		how.Resolve |= unix.RESOLVE_NO_SYMLINKS
	}
	fd := l.Openat2(v.known[0].Arg(), names[v.next()%len(names)], how)
	v.opens = append(v.opens, fd)
	v.after(fd, v.next()&^1) // without a result that is no descriptor
	v.apart[len(l.calls)] = true
	v.known = append(v.known, l.Dup(fd.Arg(), 500))
}

// close closes one of the descriptors from 500 on, whatever was done before: no
// other may ever be closed.
func (v *invention) close(l *List) {
	high := l.Words(N(500 + v.next()%8))
	fd := l.Load(high.Arg())
	v.apart[len(l.calls)] = true
	l.Call("close", unix.SYS_CLOSE, fd.Arg())
}

func (v *invention) after(r Ref, b int) {
	errno := []unix.Errno{0, unix.ENOENT, unix.EBADF, unix.EPERM}[b/4%4]
	switch b % 4 {
	case 0:
		r.Skip(errno, b/16)
	case 1:
		r.Else(errno, func(unix.Errno) error {
			r.Set(b)
			return nil
		})
	case 2:
		r.Skip(0, 0)
	}
}

// mend shortens the ways that lead beyond the end or between two that belong
// together.
func (v *invention) mend() {
	for i := v.list.done; i < len(v.list.calls); i++ {
		c := &v.list.calls[i]
		c.skip = min(c.skip, uint64(len(v.list.calls)-1-i))
		for v.apart[i+1+int(c.skip)] && c.skip > 0 {
			c.skip--
		}
	}
}

// tidy closes what the list has opened in the process that has done it, and checks
// that both are in step.
func (v *invention) tidy(t *testing.T, from int) {
	k := v.list.Beside()
	if from == 500 {
		for _, r := range v.opens {
			if fd := r.Result(); v.list.labels[r.i].name != "getpid" && fd > 2 {
				k.Close(N(fd))
			}
		}
	}
	k.Call("close_range", unix.SYS_CLOSE_RANGE, N(from), N(1000), N(0))
	if err := k.Flush(); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, here, there *invention) {
	apart := map[int]bool{}
	for _, r := range here.opens {
		apart[r.i] = true
	}
	if here.list.done != there.list.done || len(here.list.calls) != len(there.list.calls) {
		t.Fatalf("here %d of %d done, hand %d of %d", here.list.done, len(here.list.calls), there.list.done, len(there.list.calls))
	}
	for i := range here.list.calls {
		a, b := here.list.result(i), there.list.result(i)
		if apart[i] && a > 0 && b > 0 {
			continue
		}
		if a != b {
			t.Errorf("call %d, %s: here %d, hand %d", i, here.list.labels[i].name, a, b)
		}
	}
	if a, b := plain(here.list), plain(there.list); !bytes.Equal(a, b) {
		t.Errorf("memory here % x\nhand % x", a, b)
	}
}

// plain is a list's data without its head and the results.
func plain(l *List) []byte {
	p := slices.Clone(l.data)
	for i := range l.calls {
		put(p, l.slot(i), 0)
	}
	return p[headSize:]
}
