package calls

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAfter: two lists are under way, and each gets its own answer.
func TestAfter(t *testing.T) {
	h, _ := startHand(t)
	first, second := h.List(), h.Errand()
	second.After(first.Flush)
	pid := first.Call("getpid", unix.SYS_GETPID)
	parent := second.Call("getppid", unix.SYS_GETPPID)
	first.Begin()
	second.Begin()
	if err := second.Flush(); err != nil {
		t.Fatal(err)
	}
	if pid.Result() == os.Getpid() || !pid.Done() || parent.Result() != os.Getpid() {
		t.Errorf("getpid is %d, getppid %d, and we are %d", pid.Result(), parent.Result(), os.Getpid())
	}
	errFirst := errors.New("first")
	third := h.List()
	third.After(func() error { return errFirst })
	third.Call("getpid", unix.SYS_GETPID)
	if err := third.Flush(); !errors.Is(err, errFirst) {
		t.Errorf("error %v", err)
	}
}

// TestFinal: what was sent behind a list that fails is not done, nor anything else by
// this process; behind one that does well it is.
func TestFinal(t *testing.T) {
	for _, dir := range []string{"/", "/nowhere"} {
		h, cmd := startHand(t)
		file := filepath.Join(t.TempDir(), "done")
		first, second := h.List(), h.List()
		first.Final(StatusLost)
		first.Chdir(dir)
		second.Mknodat(CWD, file, unix.S_IFREG|0o600, 0)
		first.Begin()
		second.Begin()
		err := first.Flush()
		if fails := dir != "/"; fails {
			_ = cmd.Wait()
			if !errors.Is(err, unix.ENOENT) || cmd.ProcessState.ExitCode() != StatusLost {
				t.Errorf("error %v, exit status %d", err, cmd.ProcessState.ExitCode())
			}
			if err := second.Flush(); !errors.Is(err, ErrGone) {
				t.Errorf("the second list: %v", err)
			}
		} else if err := errors.Join(err, second.Flush()); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(file); (err == nil) != (dir == "/") {
			t.Errorf("after chdir %s: %v", dir, err)
		}
	}
}

// TestLater: what is not known when a list is made is written when it is sent, once.
func TestLater(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		text := ""
		m := l.Later(8, func(room []byte) error {
			text += "x"
			copy(room, text)
			return nil
		})
		text = "known"
		open := l.Open(filepath.Join(t.TempDir(), "f"), unix.O_RDWR|unix.O_CREAT)
		l.Call("write", unix.SYS_WRITE, open.Arg(), m.Arg(), N(6))
		back := l.Space(8)
		l.Call("pread64", unix.SYS_PREAD64, open.Arg(), back.Arg(), N(8), N(0))
		l.Close(open.Arg())
		if err := l.Flush(); err != nil || back.String() != "knownx" {
			t.Errorf("read %q, %v", back.String(), err)
		}
		l.Call("getpid", unix.SYS_GETPID)
		if err := l.Flush(); err != nil || text != "knownx" {
			t.Errorf("after another flush: %q, %v", text, err)
		}
	})
	l := New()
	errLate := errors.New("late")
	l.Later(8, func([]byte) error { return errLate })
	l.Call("getpid", unix.SYS_GETPID)
	if err := l.Flush(); !errors.Is(err, errLate) {
		t.Errorf("error %v", err)
	}
}

// TestTooBig: more than a hand has room for is more than execve takes.
func TestTooBig(t *testing.T) {
	h, _ := startHand(t)
	l := h.List()
	l.Call("getpid", unix.SYS_GETPID)
	l.Step(7)
	l.Execve("/bin/true", l.Strings([]string{"true"}), l.Strings([]string{strings.Repeat("x", handDataEnd-handData)}))
	var f *Failure
	if err := l.Flush(); !errors.As(err, &f) || f.Step != 7 || f.Call != "execve" || f.Err != unix.E2BIG {
		t.Errorf("error %v", err)
	}
	if err := h.List().Call("getpid", unix.SYS_GETPID).Err(); err != nil {
		t.Errorf("the hand afterwards: %v", err)
	}
}
