package namespaces

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The test binary is its own helper program: started as helperName it does what
// its second argument says.
const helperName = "namespaces-helper"

func TestMain(m *testing.M) {
	if os.Args[0] == helperName {
		if err := helper(os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "helper:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	before := openFiles()
	code := m.Run()
	if code == 0 {
		code = leaks(before)
	}
	os.Exit(code)
}

// leaks looks for children that nobody waited for and descriptors left open.
func leaks(before []string) int {
	if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		fmt.Fprintf(os.Stderr, "a child was left behind: wait4 says %d, %v\n", pid, err)
		return 1
	}
	if after := openFiles(); len(after) > len(before)+4 { // the poller and its friends
		fmt.Fprintf(os.Stderr, "descriptors left open:\nbefore %q\nafter  %q\n", before, after)
		return 1
	}
	return 0
}

// openFiles lists our descriptors as number:target.
func openFiles() []string {
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	var list []string
	for _, n := range names {
		if n != fmt.Sprint(dir.Fd()) {
			target, _ := os.Readlink("/proc/self/fd/" + n)
			list = append(list, n+":"+target)
		}
	}
	return list
}

// report is what a process sees of itself.
type report struct {
	Pid, UID, GID       int
	Groups              []int
	Namespaces          map[string]string // as readlink /proc/self/ns/* says
	UIDMap, GIDMap      string
	Cgroup              string
	Nofile              uint64
	Files               []string
	Blocked, Pdeathsig  string
	Monotonic, Boottime int64
	CapEff              string
	Hostname, Domain    string
	LoUp                bool
	Text                string
}

func lookAround() (report, error) {
	r := report{Pid: os.Getpid(), UID: os.Getuid(), GID: os.Getgid(), Files: openFiles(), Namespaces: ownNamespaces()}
	r.Groups, _ = os.Getgroups()
	r.UIDMap, r.GIDMap, r.Cgroup = fields("uid_map"), fields("gid_map"), fields("cgroup")
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return r, err
	}
	r.Nofile = lim.Max // the test sets it; Go has changed the soft one already
	r.Blocked, r.CapEff = status("SigBlk"), status("CapEff")
	r.Monotonic, r.Boottime = clock(unix.CLOCK_MONOTONIC), clock(unix.CLOCK_BOOTTIME)
	var uts unix.Utsname
	if err := unix.Uname(&uts); err != nil {
		return r, err
	}
	r.Hostname, r.Domain = unix.ByteSliceToString(uts.Nodename[:]), unix.ByteSliceToString(uts.Domainname[:])
	r.LoUp = loIsUp()
	return r, nil
}

func ownNamespaces() map[string]string {
	list := map[string]string{}
	for _, k := range kinds {
		list[k.file], _ = os.Readlink("/proc/self/ns/" + k.file)
	}
	return list
}

// fields is a file of /proc/self with single spaces.
func fields(file string) string {
	text, err := os.ReadFile("/proc/self/" + file)
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func status(key string) string {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func clock(id int32) int64 {
	var ts unix.Timespec
	unix.ClockGettime(id, &ts)
	return ts.Sec
}

func loIsUp() bool {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	lo, _ := unix.NewIfreq("lo")
	return unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, lo) == nil && lo.Uint16()&unix.IFF_UP != 0
}

// helper is the program that tests start.
func helper(verb string, args []string) error {
	switch verb {
	case "report":
		return answer("")
	case "inside":
		return helpInside(args[0])
	case "nested":
		return helpNested(args[0])
	case "forbidden":
		return helpForbidden()
	case "pdeathsig":
		return helpPdeathsig()
	case "guard":
		return helpGuard(args[0])
	case "serve":
		return helpServe(args)
	case "rootless":
		return helpRootless(args[0])
	}
	return fmt.Errorf("no such verb: %s", verb)
}

// answer writes a report to descriptor 1 and stays until descriptor 0 ends.
func answer(text string) error {
	r, err := lookAround()
	if err != nil {
		return err
	}
	r.Text = text
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// started is a helper that runs, with the report it gave.
type started struct {
	report
	child *Child
	stdin *os.File
	out   *bufio.Reader
}

// stop lets the helper end and waits for it.
func (s *started) stop(t *testing.T) {
	t.Helper()
	s.stdin.Close()
	if err := s.child.Abort(); err != nil {
		t.Errorf("abort: %v", err)
	}
}

// newChild is a helper to be started; the pipe ends are ours.
func newChild(t testing.TB, args ...string) (child *Child, stdin, stdout *os.File) {
	t.Helper()
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range []*os.File{exe, inR, inW, outR, outW} {
			f.Close()
		}
	})
	return &Child{
		Exe: exe, Args: append([]string{helperName}, args...), Env: os.Environ(),
		Files: []*os.File{inR, outW, os.Stderr},
	}, inW, outR
}

// run does the ops of a plan.
func run(ops []Op) error {
	for _, op := range ops {
		if err := op.Do(); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	return nil
}

// spawn plans c and does the stage spawn.
func spawn(c Config, f Facts, child *Child) error {
	steps, err := Plan(c, f, child)
	if err != nil {
		return err
	}
	return run(steps.Spawn)
}

// start starts a reporting helper by ops, and stops it at the end of the test.
func start(t testing.TB, child *Child, stdin, stdout *os.File, ops []Op) *started {
	t.Helper()
	t.Cleanup(func() { child.Abort() })
	if err := run(ops); err != nil {
		t.Fatal(err)
	}
	child.Files[1].Close()
	s := &started{child: child, stdin: stdin, out: bufio.NewReader(stdout)}
	if err := json.NewDecoder(s.out).Decode(&s.report); err != nil {
		t.Fatalf("report: %v", err)
	}
	return s
}

// startIn plans c and starts a reporting helper in it.
func startIn(t *testing.T, c Config, edit ...func(*Child)) *started {
	t.Helper()
	child, stdin, stdout := newChild(t, "report")
	for _, e := range edit {
		e(child)
	}
	f, err := Probe()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Plan(c, f, child)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, child, stdin, stdout, append(steps.Spawn, steps.Devices...))
}

// needRoot skips a test that makes namespaces, unless this is CI.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("not root, and CI must be")
	}
	t.Skip("needs root: makes namespaces without a user namespace")
}

// list makes namespaces: "user pid net=/path".
func list(words string) []specs.LinuxNamespace {
	var ns []specs.LinuxNamespace
	for _, w := range strings.Fields(words) {
		typ, path, _ := strings.Cut(w, "=")
		ns = append(ns, specs.LinuxNamespace{Type: specs.LinuxNamespaceType(typ), Path: path})
	}
	return ns
}

func mapping(inside, outside, size uint32) specs.LinuxIDMapping {
	return specs.LinuxIDMapping{ContainerID: inside, HostID: outside, Size: size}
}
