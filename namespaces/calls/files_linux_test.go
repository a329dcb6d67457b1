package calls

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// numbered are n files, with their number as content.
func numbered(t *testing.T, n int) []*os.File {
	t.Helper()
	dir := t.TempDir()
	files := make([]*os.File, n)
	for i := range files {
		path := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(path, []byte(strconv.Itoa(i)), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		files[i] = f
	}
	return files
}

func TestFilesToHand(t *testing.T) {
	for _, n := range []int{1, 199, 200, 201, 450} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			h, _ := startHand(t)
			files := numbered(t, n)
			l := h.List()
			refs := l.Receive(n)
			content := make([]Memory, n)
			for i, r := range refs {
				content[i] = l.Space(8)
				l.Call("read", unix.SYS_READ, r.Arg(), content[i].Arg(), N(4))
				flags := l.Call("fcntl F_GETFD", unix.SYS_FCNTL, r.Arg(), N(unix.F_GETFD))
				l.Store(content[i].At(4), flags.Arg())
				l.Close(r.Arg())
			}
			l.Begin()
			if err := h.SendFiles(files); err != nil {
				t.Fatal(err)
			}
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
			for i, m := range content {
				if m.String() != strconv.Itoa(i) || m.Bytes()[4] != unix.FD_CLOEXEC {
					t.Errorf("file %d: %q", i, m.Bytes())
				}
			}
			l.Call("getpid", unix.SYS_GETPID)
			if err := l.Flush(); err != nil {
				t.Errorf("the stream is out of step: %v", err)
			}
		})
	}
}

// TestFilesInTime sends them as early as can be: the hand has not begun to read.
func TestFilesInTime(t *testing.T) {
	h, cmd := startHand(t)
	l := h.List()
	refs := l.Receive(1)
	stat, _ := l.Fstat(refs[0].Arg())
	if err := cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	l.Begin()
	files := numbered(t, 1)
	if err := h.SendFiles(files); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	var want unix.Stat_t
	if err := unix.Fstat(int(files[0].Fd()), &want); err != nil {
		t.Fatal(err)
	}
	if got := ReadStruct[unix.Stat_t](stat); got.Ino != want.Ino || got.Dev != want.Dev {
		t.Errorf("another file: %+v, not %+v", got, want)
	}
}

func TestFilesRefused(t *testing.T) {
	t.Run("fewer", func(t *testing.T) {
		h, _ := startHand(t)
		l := h.List()
		l.Receive(3)
		l.Begin()
		if err := h.SendFiles(numbered(t, 2)); err != nil {
			t.Fatal(err)
		}
		if err := l.Flush(); !errors.Is(err, unix.EPROTO) {
			t.Errorf("got %v, want EPROTO", err)
		}
	})
	t.Run("too many open", func(t *testing.T) {
		h, _ := startHand(t)
		l := h.List()
		limit := Struct(l, &unix.Rlimit{Cur: 6, Max: 6})
		l.Call("prlimit64", unix.SYS_PRLIMIT64, N(0), N(unix.RLIMIT_NOFILE), limit.Arg(), N(0))
		l.Receive(5)
		l.Begin()
		if err := h.SendFiles(numbered(t, 5)); err != nil {
			t.Fatal(err)
		}
		if err := l.Flush(); !errors.Is(err, unix.EMFILE) {
			t.Errorf("got %v, want EMFILE", err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		h, cmd := startHand(t)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if err := h.SendFiles(numbered(t, 1)); !errors.Is(err, ErrGone) {
			t.Errorf("got %v, want ErrGone", err)
		}
	})
}

// TestLend lends files in the midst of a list, one of which stops before.
func TestLend(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		files := numbered(t, 300)
		read := func(fd Arg) Memory {
			m := l.Space(8)
			l.Call("pread64", unix.SYS_PREAD64, fd, m.Arg(), N(4), N(0))
			return m
		}
		l.Call("getpid", unix.SYS_GETPID)
		first := l.Lend(files[:299]...)
		a, b := read(first[0]), read(first[298])
		l.Chdir("/nowhere").Else(unix.ENOENT, func(unix.Errno) error { return nil })
		last := l.Lend(files[299])
		c := read(last[0])
		for _, fd := range append(first, last...) {
			l.Close(fd)
		}
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		if a.String() != "0" || b.String() != "298" || c.String() != "299" {
			t.Errorf("read %s, %s, %s", a, b, c)
		}
	})
}

func TestGive(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		files := numbered(t, 2)
		var got []string
		take := func(fd int) {
			f := os.NewFile(uintptr(fd), "given")
			defer f.Close()
			flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
			if err != nil || flags != unix.FD_CLOEXEC {
				t.Errorf("flags %x, %v", flags, err)
			}
			content := make([]byte, 8)
			n, _ := f.Read(content)
			got = append(got, string(content[:n]))
		}
		l.Give(l.Open(files[1].Name(), unix.O_RDONLY).Arg(), take)
		l.Chdir("/nowhere").Else(unix.ENOENT, func(unix.Errno) error { return nil })
		l.Give(l.Open(files[0].Name(), unix.O_RDONLY).Arg(), take)
		pid := l.Call("getpid", unix.SYS_GETPID)
		if err := l.Straight(); err == nil {
			t.Error("could be left with a hand")
		}
		if n, err := pid.Value(); err != nil || n < 2 {
			t.Fatalf("%d, %v", n, err)
		}
		if !slices.Equal(got, []string{"1", "0"}) {
			t.Errorf("given %q", got)
		}
		l.Chdir("/nowhere")
		l.Give(CWD, take)
		if err := l.Flush(); !errors.Is(err, unix.ENOENT) || len(got) != 2 {
			t.Errorf("got %v, given %q", err, got)
		}
	})
}

// TestLendLast lends a file with a list that is left.
func TestLendLast(t *testing.T) {
	h, _ := startHand(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	l := h.List()
	l.Write(l.Lend(w)[0], "here")
	l.Call("exit_group", unix.SYS_EXIT_GROUP, N(0))
	if err := h.Leave(l, 1, nil); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "here" {
		t.Errorf("got %q, %v", got, err)
	}
}
