package process

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// view is what a program can find out about itself.
type view struct {
	Args, Env   []string
	Cwd         string
	Status      map[string]string // of /proc/self/status
	Limits      map[string][2]uint64
	Policy      uint32
	Nice        int32
	IOPrio      int
	Personality uintptr
	Keyring     string
	DeathSignal int
	Machine     string
	MemoryMode  int
	StdoutUID   uint32
	Fds         []string
}

// deathSignal is the main thread's: each thread has its own, and this is initialised on
// that one (PR_SET_PDEATHSIG(2const)).
var deathSignal = func() (signal int) {
	_ = unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&signal)), 0, 0, 0)
	return signal
}()

// show prints the view of the calling program, and is its own witness: the Go
// runtime's change of RLIMIT_NOFILE is taken back first.
func show() {
	if _, err := giveBackSoftFiles(); err != nil {
		panic(err)
	}
	v := view{Args: os.Args, Env: os.Environ(), Status: map[string]string{}, Limits: map[string][2]uint64{}}
	v.Cwd, _ = os.Getwd()
	text, _ := os.ReadFile("/proc/thread-self/status")
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		v.Status[name] = strings.Join(strings.Fields(value), " ")
	}
	for i, name := range rlimitNames {
		var l unix.Rlimit
		if unix.Prlimit(0, i, nil, &l) == nil {
			v.Limits[name] = [2]uint64{l.Cur, l.Max}
		}
	}
	if attr, err := unix.SchedGetAttr(0, 0); err == nil {
		v.Policy, v.Nice = attr.Policy, attr.Nice
	}
	prio, _, _ := unix.RawSyscall(unix.SYS_IOPRIO_GET, ioprioWhoProcess, 0, 0)
	v.IOPrio = int(prio)
	v.Personality, _, _ = unix.RawSyscall(unix.SYS_PERSONALITY, 0xffffffff, 0, 0)
	v.Keyring, _ = unix.KeyctlString(unix.KEYCTL_DESCRIBE, unix.KEY_SPEC_SESSION_KEYRING)
	v.DeathSignal = deathSignal
	var uts unix.Utsname
	_ = unix.Uname(&uts)
	v.Machine = unix.ByteSliceToString(uts.Machine[:])
	unix.RawSyscall6(unix.SYS_GET_MEMPOLICY, uintptr(unsafe.Pointer(&v.MemoryMode)), 0, 0, 0, 0, 0)
	var st unix.Stat_t
	_ = unix.Fstat(1, &st)
	v.StdoutUID = st.Uid
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if n, _ := strconv.Atoi(e.Name()); n == 9 {
			v.Fds = append(v.Fds, e.Name())
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(v)
}

// walker does the last mile, and gives what the program wrote or why there is none.
type walker func(t *testing.T, m mile) ([]byte, *failure)

// eachWay runs a test with init, that is this program, and with a hand.
func eachWay(t *testing.T, name string, f func(*testing.T, walker)) {
	t.Run(name, func(t *testing.T) {
		t.Run("init", func(t *testing.T) { f(t, walk) })
		t.Run("hand", func(t *testing.T) { f(t, walkByHand) })
	})
}

// seen runs the last mile to show and returns its view.
func seen(t *testing.T, m mile) view {
	t.Helper()
	return walker(walk).seen(t, m)
}

func (way walker) seen(t *testing.T, m mile) view {
	t.Helper()
	out, f := way(t, m)
	if f != nil {
		t.Fatalf("%s (%s): %s", f.Step, f.Field, f.Text)
	}
	var v view
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return v
}

// orphans is a program that leaves a grandchild behind, sees that pid 1
// collects it, then ends as it is told.
func orphans() {
	files := []uintptr{0, 1, 2}
	switch os.Args[1] {
	case "child": // starts the grandchild, says its pid, and leaves
		pid, err := syscall.ForkExec("/bin/orphans", []string{"orphans", "grandchild"}, &syscall.ProcAttr{Files: files})
		if err != nil {
			os.Exit(90)
		}
		fmt.Print(pid)
		return
	case "grandchild":
		return
	}
	r, w, err := os.Pipe()
	if err != nil {
		os.Exit(91)
	}
	child, err := syscall.ForkExec("/bin/orphans", []string{"orphans", "child"}, &syscall.ProcAttr{Files: []uintptr{0, w.Fd(), 2}})
	if err != nil {
		os.Exit(92)
	}
	w.Close()
	text, _ := io.ReadAll(r)
	_, _ = syscall.Wait4(child, nil, 0, nil)
	pid, err := strconv.Atoi(string(text))
	for err == nil && syscall.Kill(pid, 0) == nil { // a zombie still answers
		runtime.Gosched()
	}
	end(os.Args[1])
}

func end(how string) {
	switch how {
	case "signal":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "parent":
		fmt.Println(os.Getppid(), os.Args[0])
	default:
		n, _ := strconv.Atoi(how)
		os.Exit(n)
	}
}
