package namespaces

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFiles gives descriptors in every awkward order and wants just those.
func TestFiles(t *testing.T) {
	for _, types := range []string{"", "time"} {
		if types != "" {
			needRoot(t)
		}
		leak, err := unix.Open("/dev/zero", unix.O_RDONLY, 0) // open for all children
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(leak)
		s := startIn(t, Config{Namespaces: list(types)}, func(c *Child) {
			// 3: our own 1, 4: closed, 5: our own 0, 6: the program itself.
			c.Files = append(c.Files, os.Stdout, nil, os.Stdin, c.Exe)
			c.Env = append(c.Env, "GODEBUG=containermaxprocs=0") // or Go opens cgroup files
		})
		var numbers []string
		for _, f := range s.Files {
			n, target, _ := strings.Cut(f, ":")
			if !strings.HasPrefix(target, "anon_inode:") { // the Go poller of the helper
				numbers = append(numbers, n)
			}
		}
		if got := strings.Join(numbers, " "); got != "0 1 2 3 5 6" {
			t.Errorf("descriptors are %q, want 0 1 2 3 5 6: %q", got, s.Files)
		}
		exe, _ := os.Readlink("/proc/self/exe")
		if !slices.Contains(s.Files, "6:"+exe) {
			t.Errorf("descriptor 6 is not the program: %q", s.Files)
		}
		if s.Blocked != "0000000000000000" {
			t.Errorf("blocked signals: %s", s.Blocked)
		}
		s.stop(t)
	}
}

// TestPrograms executes descriptors of several makings.
func TestPrograms(t *testing.T) {
	needRoot(t)
	for name, open := range map[string]func(*testing.T) *os.File{
		"O_RDONLY": func(t *testing.T) *os.File { return openFile(t, "/proc/self/exe") },
		"O_PATH":   func(t *testing.T) *os.File { return openAt(t, unix.AT_FDCWD, "/proc/self/exe") },
		"overlay":  overlayView,
	} {
		t.Run(name, func(t *testing.T) {
			exe := open(t)
			s := startIn(t, Config{Namespaces: list("mount pid user"), UIDMappings: someIDs, GIDMappings: someIDs}, func(c *Child) { c.Exe = exe })
			s.stop(t)
		})
	}
}

func openAt(t *testing.T, dir int, path string) *os.File {
	t.Helper()
	fd, err := unix.Openat(dir, path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), path)
	t.Cleanup(func() { f.Close() })
	return f
}

// overlayView is the test binary in a read-only overlay that is mounted nowhere.
func overlayView(t *testing.T) *os.File {
	dir, empty := t.TempDir(), t.TempDir()
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "program"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigSetString(fs, "lowerdir", dir+":"+empty); err != nil {
		t.Fatal(err)
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		t.Fatal(err)
	}
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(mnt)
	return openAt(t, mnt, "program")
}

// TestNofile sees the limit with the program sh, as Go would raise it again.
func TestNofile(t *testing.T) {
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		lim  *unix.Rlimit
		want uint64
	}{
		{"given", &unix.Rlimit{Cur: 77, Max: own.Max}, 77},
		{"raised by Go", nil, min(1024, own.Max)},
	} {
		if tt.lim == nil && own.Cur != own.Max-1 {
			continue // not raised here
		}
		if got := shell(t, "ulimit -Sn", func(c *Child) { c.Nofile = tt.lim }); got != fmt.Sprint(tt.want) {
			t.Errorf("%s: soft limit %s, want %d", tt.name, got, tt.want)
		}
	}
}

// shell runs a script in a child without namespaces and returns what it says.
func shell(t *testing.T, script string, edit func(*Child)) string {
	t.Helper()
	child, stdin, stdout := newChild(t)
	child.Exe, child.Args = openFile(t, "/bin/sh"), []string{"sh", "-c", script}
	edit(child)
	if err := spawn(Config{}, root, child); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	child.Files[1].Close()
	out, err := io.ReadAll(stdout)
	if err != nil {
		t.Fatal(err)
	}
	child.Abort()
	return strings.TrimSpace(string(out))
}

// TestDispositions wants no signal ignored or caught that was not ignored
// before us: Go catches nearly all.
func TestDispositions(t *testing.T) {
	got := shell(t, "grep -E 'Sig(Blk|Ign)' /proc/self/status", func(*Child) {})
	if want := "SigBlk:\t0000000000000000\nSigIgn:\t" + status("SigIgn"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// helpPdeathsig starts a shell that dies with us, says its pid, and dies.
func helpPdeathsig() error {
	exe, err := os.Open("/bin/sh")
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	child := &Child{Exe: exe, Args: []string{"sh", "-c", "echo $$; read x"}, Files: []*os.File{os.Stdin, os.Stdout}, Pdeathsig: unix.SIGKILL}
	if err := spawn(Config{}, root, child); err != nil {
		return err
	}
	_, err = io.ReadFull(os.NewFile(3, "end"), make([]byte, 1))
	return err
}

func TestPdeathsig(t *testing.T) {
	// Be the one who inherits the orphan, so that its end can be waited for.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	child, _, stdout := newChild(t, "pdeathsig")
	end, endW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	defer endW.Close()
	child.Files = append(child.Files, end)
	if err := spawn(Config{}, root, child); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(stdout, &pid); err != nil {
		t.Fatal(err)
	}
	endW.Write([]byte{1})
	if err := child.reap(); err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil || status.Signal() != unix.SIGKILL {
		t.Errorf("the grandchild ended by %v, %v, want SIGKILL", status.Signal(), err)
	}
}
