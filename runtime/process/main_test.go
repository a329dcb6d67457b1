package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The test binary is its own helper, and the user's program: its first argument
// or the name it is called by says what it is to do.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "last-mile":
		lastMile()
	case len(os.Args) > 2 && os.Args[1] == "step-outside":
		stepOutside(os.Args[2])
	case len(os.Args) > 1 && os.Args[1] == "wait":
		fmt.Println("up")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case len(os.Args) > 1 && os.Args[1] == ReapCommand:
		reap(os.Args[3:])
	case filepath.Base(os.Args[0]) == "show":
		show()
	case filepath.Base(os.Args[0]) == "orphans":
		orphans()
	default:
		os.Exit(m.Run())
	}
	os.Exit(0)
}

// mile is what the helper is told: where to go, and the plan to make.
type mile struct {
	Root    string // chroot into it, with a /proc; "": stay
	Config  Config
	Facts   Facts
	Reap    bool
	Weak    bool   // root without the right to override file permissions
	Outside string // a directory to leave open on descriptor 9, outside the root
	Busy    bool   // each processor of Go's has something else to do
}

// failure is what the helper writes to stderr when a step fails.
type failure struct {
	Step, Field, Text string
	Errno             int
	Exit              int
}

// lastMile is init, cut down: lock the thread, do the last stage.
func lastMile() {
	runtime.LockOSThread()
	var m mile
	if err := json.NewDecoder(os.NewFile(3, "plan")).Decode(&m); err != nil {
		fail("decode", "", err)
	}
	unix.CloseOnExec(3)
	if m.Reap {
		exe, err := os.Open("/proc/self/exe")
		if err != nil {
			fail("open", "", err)
		}
		m.Config.Reaper = &Reaper{Exe: exe}
	}
	if m.Outside != "" {
		fd, err := unix.Open(m.Outside, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil || unix.Dup3(fd, 9, unix.O_CLOEXEC) != nil {
			fail("open", "", err)
		}
	}
	if l := m.Config.Listener; l != nil {
		if err := (connectListener{listener: l}).Do(); err != nil {
			fail("connect", "", err)
		}
	}
	if m.Root != "" {
		enterRoot(m.Root)
	}
	if m.Weak {
		weaken()
	}
	if m.Busy {
		for range runtime.GOMAXPROCS(0) {
			go func() {
				for {
				}
			}()
		}
	}
	steps, err := Plan(m.Config, m.Facts, nil)
	if err != nil {
		fail("plan", "", err)
	}
	for _, op := range append(homeOnly(steps.Look), steps.Last...) {
		if err := op.Do(); err != nil {
			fail(op.String(), op.Field(), err)
		}
	}
}

// homeOnly is the stage before the start without the look for the program: the
// last one is to find out for itself.
func homeOnly(look []Op) []Op {
	return slices.DeleteFunc(look, func(op Op) bool { _, is := op.(findHome); return !is })
}

// enterRoot runs in a mount namespace of its own.
func enterRoot(root string) {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		fail("make mounts private", "", err)
	}
	for _, dir := range libraries() {
		if err := unix.Mount("/"+dir, root+"/"+dir, "", unix.MS_BIND, ""); err != nil {
			fail("bind "+dir, "", err)
		}
	}
	if noexec := root + "/noexec"; isDir(noexec) {
		if err := errors.Join(unix.Mount(noexec, noexec, "", unix.MS_BIND, ""),
			unix.Mount("", noexec, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_NOEXEC, "")); err != nil {
			fail("mount noexec", "", err)
		}
	}
	for _, err := range []error{
		unix.Mount("proc", root+"/proc", "proc", 0, ""),
		unix.Chroot(root),
		unix.Chdir("/"),
	} {
		if err != nil {
			fail("enter root", "", err)
		}
	}
}

func isDir(name string) bool {
	st, err := os.Stat(name)
	return err == nil && st.IsDir()
}

// weaken makes root what it is for an NFS server.
func weaken() {
	effective, permitted, inheritable, err := capget()
	if err == nil {
		const dac = 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
		err = setCaps{effective: effective &^ dac, permitted: permitted, inheritable: inheritable}.Do()
	}
	if err != nil {
		fail("weaken", "", err)
	}
}

// libraries are what the test binary needs to run elsewhere: nothing, unless it
// was linked with cgo, as the race detector wants.
func libraries() []string {
	exe, err := os.Executable()
	if err != nil {
		fail("find the test binary", "", err)
	}
	if h, _ := readHeader(exe, filesHere()); h.interpreter == "" {
		return nil
	}
	return []string{"lib", "lib64", "usr"}
}

func fail(step, field string, err error) {
	_ = json.NewEncoder(os.Stderr).Encode(failureOf(step, field, err))
	os.Exit(99)
}

func failureOf(step, field string, err error) failure {
	f := failure{Step: step, Field: field, Text: err.Error()}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		f.Errno = int(errno)
	}
	var e *ExecError
	if errors.As(err, &e) {
		f.Exit = e.ExitStatus()
	}
	return f
}

// needRoot skips where changing user is impossible; in CI that is a failure.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("needs root, and CI is set")
	}
	t.Skip("needs root")
}

// walk runs the helper and returns what the program wrote, or the failure.
func walk(t *testing.T, m mile) ([]byte, *failure) {
	t.Helper()
	out, f, _ := walkStatus(t, m)
	return out, f
}

func walkStatus(t *testing.T, m mile) ([]byte, *failure, int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer w.Close()
		_ = json.NewEncoder(w).Encode(m)
	}()
	cmd := exec.Command(self(t), "last-mile")
	cmd.ExtraFiles = []*os.File{r}
	cmd.Env = []string{"LEAK=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if m.Root != "" {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID
	}
	if m.Config.UserNS {
		cmd.Path = m.Root + "/bin/show" // that this root may execute
		inUserNS(cmd, m.Config)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	status := cmd.ProcessState.ExitCode()
	if status != 99 {
		if err != nil && stdout.Len() == 0 {
			t.Logf("%v\n%s", err, stderr.Bytes())
		}
		return stdout.Bytes(), nil, status
	}
	var f failure
	if err := json.Unmarshal(stderr.Bytes(), &f); err != nil {
		t.Fatalf("%v in %q", err, stderr.Bytes())
	}
	return nil, &f, status
}

// inUserNS starts as root of a user namespace with the maps of the configuration.
func inUserNS(cmd *exec.Cmd, c Config) {
	cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings = idMap(c.UIDMappings)
	cmd.SysProcAttr.GidMappings = idMap(c.GIDMappings)
	cmd.SysProcAttr.GidMappingsEnableSetgroups = !c.DenySetgroups
	cmd.SysProcAttr.Credential = &syscall.Credential{NoSetGroups: true}
}

func idMap(list []specs.LinuxIDMapping) []syscall.SysProcIDMap {
	var out []syscall.SysProcIDMap
	for _, m := range list {
		out = append(out, syscall.SysProcIDMap{ContainerID: int(m.ContainerID), HostID: int(m.HostID), Size: int(m.Size)})
	}
	return out
}

func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func probe(t *testing.T) Facts {
	t.Helper()
	f, err := Probe()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// newRoot makes a root file system whose /bin/show and /bin/orphans are the
// test binary, with the files given by path and contents. Names that end in /
// are directories; a leading ! makes a file executable.
func newRoot(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{root, filepath.Dir(root)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range append(libraries(), "bin", "proc", "etc", "work") {
		makeDir(t, filepath.Join(root, dir))
	}
	copyFile(t, self(t), filepath.Join(root, "bin/show"))
	if err := os.Link(filepath.Join(root, "bin/show"), filepath.Join(root, "bin/orphans")); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		target := filepath.Join(root, strings.TrimPrefix(name, "!"))
		if strings.HasSuffix(name, "/") {
			makeDir(t, target)
			continue
		}
		makeDir(t, filepath.Dir(target))
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "!") {
			mode = 0o755
		}
		if err := os.WriteFile(target, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func makeDir(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		t.Fatal(err)
	}
}

func reap(args []string) {
	status, err := Reap(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(98)
	}
	os.Exit(status)
}
