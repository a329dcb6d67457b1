package cgroups

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is its own helper: with this variable it is the program that
// runs inside a group.
const helperEnv = "MINI_CGROUPS_HELPER"

func TestMain(m *testing.M) {
	if job := os.Getenv(helperEnv); job != "" {
		os.Exit(helper(strings.Fields(job)))
	}
	os.Exit(m.Run())
}

func helper(job []string) int {
	fmt.Println("up")
	switch job[0] {
	case "wait": // for the end of stdin
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "alloc": // MiB
		n, _ := strconv.Atoi(job[1])
		b := make([]byte, n<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
	case "spin": // milliseconds
		n, _ := strconv.Atoi(job[1])
		for end := time.Now().Add(time.Duration(n) * time.Millisecond); time.Now().Before(end); {
		}
	case "use": // milliseconds of CPU time
		n, _ := strconv.Atoi(job[1])
		for used() < time.Duration(n)*time.Millisecond {
		}
	case "open": // a device, to read and write
		fd, err := unix.Open(job[1], unix.O_RDWR|unix.O_CLOEXEC, 0)
		fmt.Println(unix.ErrnoName(errnoOf(err)), fd >= 0)
	case "fork": // after a line on stdin, as often as it goes
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Println(forkBomb())
	case "affinity":
		var set unix.CPUSet
		_ = unix.SchedGetaffinity(0, &set)
		fmt.Println(set.Count(), set.IsSet(1))
	case "write": // a device, past the cache, MiB
		n, _ := strconv.Atoi(job[2])
		fmt.Println(writeDirect(job[1], n))
	case "user": // what an ordinary user finds
		f, err := Probe()
		_, loadErr := loadProgram(deviceProgram(nil), programName)
		fmt.Println(f.Base == "", f.Mountpoint != "", err, errors.Is(loadErr, unix.EPERM))
	case "remove":
		fmt.Println(Remove(job[1]))
	case "enable": // in the directory of its own group
		err := (&enable{dir: job[1], controllers: []string{"memory"}}).Do()
		own, _ := os.ReadFile("/proc/self/cgroup")
		fmt.Printf("%v\n%s", err, own)
	}
	return 0
}

// used is the CPU time of this process.
func used() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func errnoOf(err error) syscall.Errno {
	errno, _ := err.(syscall.Errno)
	return errno
}

// forkBomb forks until it cannot, 100 times at most, and says how it ended.
func forkBomb() string {
	var pids []int
	defer func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
	}()
	for range 100 {
		pid, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "600"}, nil)
		if err != nil {
			return unix.ErrnoName(errnoOf(err))
		}
		pids = append(pids, pid)
	}
	return "none"
}

func writeDirect(device string, mib int) error {
	fd, err := unix.Open(device, unix.O_WRONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	page, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	for range mib {
		if err == nil {
			_, err = unix.Write(fd, page)
		}
	}
	return err
}

// child is a helper running in a group.
type child struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// start runs a helper in the group and returns when it is up.
func start(t *testing.T, g *Group, job string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command("/proc/self/exe")}
	c.Env = append(os.Environ(), helperEnv+"="+job)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(g.Dir().Fd()), Pdeathsig: syscall.SIGKILL}
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.in, c.out = in, bufio.NewReader(out)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if line, err := c.out.ReadString('\n'); line != "up\n" {
		t.Fatalf("helper %s said %q, %v", job, line, err)
	}
	return c
}

func (c *child) rest(t *testing.T) string {
	t.Helper()
	text, err := io.ReadAll(c.out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// signal is what ended the child, 0 if it exited by itself.
func (c *child) signal() syscall.Signal {
	_ = c.Wait()
	if ws, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}

// vacated waits until a group is empty, which may be later than the end of its last
// process that wait(2) tells.
func vacated(t *testing.T, g *Group) {
	t.Helper()
	if err := awaitEvent(g.Dir(), "populated", 0, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// kernel is for tests that need root and cgroup2, but no controllers.
func kernel(t *testing.T) Facts {
	t.Helper()
	give := t.Skip
	if os.Getenv("CI") != "" {
		give = t.Fatal
	}
	if os.Geteuid() != 0 {
		give("needs root")
	}
	f, err := Probe()
	if err != nil {
		t.Fatal(err)
	}
	if f.Mountpoint == "" || f.Base != "/" {
		give("needs a writable cgroup2 mount; there is", f)
	}
	return f
}

// vm is for tests that need controllers.
func vm(t *testing.T) Facts {
	t.Helper()
	if os.Getenv("MINI_VM") == "" {
		t.Skip("needs cgroup v2 controllers: run by hack/vmrun with MINI_VM=1")
	}
	f := kernel(t)
	if f.Mode != Unified {
		t.Fatal("the VM is not a pure cgroup v2 host:", f)
	}
	return f
}

// testPath is a cgroup of the test's own.
func testPath(t *testing.T) string {
	return fmt.Sprintf("/mini-test-%d-%s", os.Getpid(), filepath.Base(t.Name()))
}

// made plans a group, does the plan, and removes it at the end.
func made(t *testing.T, f Facts, path, res string) *Group {
	t.Helper()
	s, err := Plan(Config{Path: path, Resources: resources(t, res)}, f)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, s)
}

func do(t *testing.T, s Steps) *Group {
	t.Helper()
	if s.Group == nil {
		t.Fatal("no group planned")
	}
	t.Cleanup(func() {
		if err := s.Prepare[0].(*mkdir).Undo(); err != nil {
			t.Errorf("undo: %v", err)
		}
	})
	for _, op := range slices.Concat(s.Prepare, s.Limits, s.Late) {
		if err := op.Do(); err != nil {
			t.Fatalf("%s: %v", op, err)
		}
	}
	return s.Group
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return err == nil
}
