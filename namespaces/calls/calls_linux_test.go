package calls

import (
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// emulator runs hands of another machine than this one, as qemu-user does.
var emulator = flag.String("emulator", "", "the program to run hands by")

// startHand starts one without any namespaces, as callstest does, which these tests
// cannot import, or by the emulator.
func startHand(t testing.TB) (Hand, *exec.Cmd) {
	t.Helper()
	program, err := Program()
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	// Its number here may be another's in the child, which sorts its files first.
	cmd := exec.Command("/proc/self/fd/4")
	cmd.Args = Args(3)
	cmd.ExtraFiles = []*os.File{theirs, program}
	if *emulator != "" {
		cmd = exec.Command(*emulator, append([]string{readable(t, program)}, Args(3)[1:]...)...)
		cmd.ExtraFiles = []*os.File{theirs}
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := Hand{os.NewFile(uintptr(fds[0]), "ours"), 3}
	t.Cleanup(func() {
		h.Socket.Close()
		_ = cmd.Wait()
	})
	return h, cmd
}

// readable is a copy of a hand's program: who emulates it must read it.
func readable(t testing.TB, program *os.File) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hand")
	code, err := io.ReadAll(io.NewSectionReader(program, 0, maxCode))
	if err == nil {
		err = os.WriteFile(path, code, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// both runs a test with a list that is done here and with one that a hand does.
func both(t *testing.T, f func(t *testing.T, l *List)) {
	t.Run("here", func(t *testing.T) { f(t, New()) })
	t.Run("hand", func(t *testing.T) {
		h, _ := startHand(t)
		f(t, h.List())
	})
}

func TestResultsAreArguments(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		fd := l.Open(dir, unix.O_PATH)
		l.Mkdirat(fd.Arg(), "a", 0o755)
		l.Symlinkat("a", fd.Arg(), "b")
		link := l.Space(16)
		n := l.Readlinkat(fd.Arg(), "b", link)
		stat, _ := l.Fstat(fd.Arg())
		if got, err := n.Value(); err != nil || got != 1 || link.String() != "a" {
			t.Fatalf("readlinkat: %d %q %v", got, link, err)
		}
		if st := ReadStruct[unix.Stat_t](stat); st.Mode&unix.S_IFMT != unix.S_IFDIR {
			t.Errorf("fstat: %+v", st)
		}
		l.Mkdirat(fd.Arg(), "c", 0o755) // with a result of what was done before
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		k := l.Beside()
		k.Mkdirat(fd.Arg(), "d", 0o755)
		k.Close(fd.Arg())
		if err := k.Flush(); err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(dir + "/*")
		if len(names) != 4 {
			t.Errorf("made %q", names)
		}
	})
}

func TestFailure(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		l.Step(7)
		l.Mkdirat(CWD, dir+"/a/b", 0o755)
		l.Mkdirat(CWD, dir+"/c", 0o755)
		err := l.Flush()
		var f *Failure
		if !errors.As(err, &f) || f.Step != 7 || f.Err != unix.ENOENT || err.Error() != "mkdirat: no such file or directory" {
			t.Fatalf("got %v", err)
		}
		if _, err := os.Stat(dir + "/c"); err == nil {
			t.Error("went on after a failure")
		}
		l.Mkdirat(CWD, dir+"/d", 0o755)
		if l.Flush() != err {
			t.Error("forgot its failure")
		}
	})
}

func TestSkip(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		fd := l.Open(dir+"/missing", unix.O_PATH)
		l.Mkdirat(CWD, dir+"/no", 0o755)
		l.Mkdirat(CWD, dir+"/no2", 0o755)
		fd.SkipTo(unix.ENOENT)
		l.Mkdirat(CWD, dir+"/yes", 0o755)
		l.Mkdirat(CWD, dir+"/yes", 0o755).Skip(0, 0)
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(dir + "/*")
		if len(names) != 1 {
			t.Errorf("made %q", names)
		}
	})
}

func TestElse(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		fd := l.Open(dir+"/late", unix.O_PATH)
		fd.Else(unix.ENOENT, func(unix.Errno) error {
			k := l.Beside()
			k.Mkdirat(CWD, dir+"/late", 0o755)
			n, err := k.Open(dir+"/late", unix.O_PATH).Value()
			fd.Set(n)
			return err
		})
		l.Mkdirat(fd.Arg(), "in", 0o755)
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir + "/late/in"); err != nil {
			t.Error(err)
		}
		refused := errors.New("refused")
		l.Open(dir+"/none", unix.O_PATH).Else(0, func(unix.Errno) error { return refused })
		if err := l.Flush(); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCheckStoreLoad(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		m := l.Words(N(0x1122334455667788))
		l.Check("low byte", m.Arg(), 0xff, 0x88, unix.EPERM)
		four := l.Load(m.At(4))
		l.Store(m.Arg(), N(0x99))
		if n, err := four.Value(); err != nil || n != 0x11223344 {
			t.Errorf("load: %x, %v", n, err)
		}
		if m.Bytes()[0] != 0x99 || m.Bytes()[1] != 0 || m.Bytes()[4] != 0x44 {
			t.Errorf("store: % x", m.Bytes())
		}
		l.Check("low byte", m.Arg(), 0xff, 0x88, unix.EXDEV)
		if err := l.Flush(); !errors.Is(err, unix.EXDEV) {
			t.Errorf("check: %v", err)
		}
	})
}

// TestBig has an image of many packets.
func TestBig(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		dir := t.TempDir()
		content := strings.Repeat("x", 3<<20)
		fd := l.Call("openat", unix.SYS_OPENAT, CWD, l.Text(dir+"/f"), N(unix.O_CREAT|unix.O_WRONLY), N(0o644))
		l.Write(fd.Arg(), content)
		for range 5000 {
			l.Call("getpid", unix.SYS_GETPID)
		}
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(dir + "/f"); err != nil || string(got) != content {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}

func TestSixArguments(t *testing.T) {
	both(t, func(t *testing.T, l *List) {
		m := l.Call("mmap", unix.SYS_MMAP, N(0x30000000), N(4096), N(unix.PROT_READ|unix.PROT_WRITE),
			N(unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE), N(-1), N(0))
		l.Store(m.Arg(), N(5))
		five := l.Load(m.Arg())
		l.Call("munmap", unix.SYS_MUNMAP, m.Arg(), N(4096))
		if n, err := five.Value(); err != nil || n != 5 {
			t.Errorf("%d, %v", n, err)
		}
	})
}

func TestLeave(t *testing.T) {
	t.Run("failure", func(t *testing.T) {
		h, cmd := startHand(t)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		l := h.List()
		out := l.Open("/proc/"+strconv.Itoa(os.Getpid())+"/fd/"+strconv.Itoa(int(w.Fd())), unix.O_WRONLY)
		l.Answer(out.Arg())
		l.Chdir("/nowhere")
		if err := h.Leave(l, 42, []byte("a note")); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		w.Close()
		text, err := io.ReadAll(r)
		a, ok := ReadAnswer(text)
		_, names := l.Left()
		if err != nil || !ok || names[a.Call] != "chdir" || a.Errno != unix.ENOENT || string(a.Note) != "a note" {
			t.Errorf("answer %d %v %q (%v, %v)", a.Call, a.Errno, a.Note, ok, err)
		}
		if got := cmd.ProcessState.ExitCode(); got != 42 {
			t.Errorf("exit status %d", got)
		}
	})
	t.Run("execve", func(t *testing.T) {
		h, cmd := startHand(t)
		l := h.List()
		l.Execve("/bin/sh", l.Strings([]string{"sh", "-c", "exit 7"}), l.Strings(nil))
		if err := h.Leave(l, 42, nil); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != 7 {
			t.Errorf("exit status %d", got)
		}
		if err := h.List().Call("getpid", unix.SYS_GETPID).Err(); !errors.Is(err, ErrGone) {
			t.Errorf("after the execve: %v", err)
		}
	})
}

// TestBegin: a hand that was interfered with can say any length.
func TestBegin(t *testing.T) {
	l := New()
	m := l.Memory([]byte("mini"))
	l.Memory([]byte("of another"))
	for n, want := range map[int]string{-5000: "", 0: "", 3: "min", 4: "mini", 5: "mini", 1 << 62: "mini"} {
		if got := string(m.Begin(n)); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
