package rootfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The test binary is its own helper program: started with this word it is the
// init of a container, builds its root, and then obeys a few commands in it.
const helperWord = "rootfs-test-init"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == helperWord {
		if err := helper(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getuid() != 0 || os.Getenv(privateMark) != "" || fuzzing() {
		os.Exit(m.Run())
	}
	os.Exit(private())
}

// privateMark tells the tests that their mount namespace is their own.
const privateMark = "ROOTFS_TEST_PRIVATE"

// fuzzing: the fuzzer hands descriptors to its workers, and mounts nothing.
func fuzzing() bool {
	for _, a := range os.Args {
		if strings.HasPrefix(a, "-test.fuzz") && !strings.HasPrefix(a, "-test.fuzzcachedir") {
			return true
		}
	}
	return false
}

// private runs all tests once more in a mount namespace of their own, where
// they may mount what they like, and looks whether the host has seen anything.
func private() int {
	before := mountinfo()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), privateMark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		return 1
	}
	if after := mountinfo(); after != before {
		fmt.Fprintf(os.Stderr, "mounts left on the host\nbefore:\n%s\nafter:\n%s", before, after)
		return 1
	}
	return 0
}

func mountinfo() string {
	b, _ := os.ReadFile("/proc/self/mountinfo")
	return string(b)
}

// order is what the test sends to the helper.
type order struct {
	Config   Config
	Facts    Facts
	Commands []string
}

// box is a container to be: how its process is started and what its root is.
type box struct {
	Config
	flags        uintptr // more CLONE_NEW*
	unprivileged bool    // plan as if the parent were an ordinary user
	facts        func(*Facts)
	opened       func() // in the parent, when everything was opened
	during       func() // in the parent, at the command sync
}

const idBase = 100000

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("needs root")
	}
	t.Skip("needs root")
}

// in builds the root in new namespaces, runs the commands in it and returns
// what each said.
func (b box) in(t *testing.T, commands ...string) []string {
	t.Helper()
	out, err := b.try(t, commands...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (b box) try(t *testing.T, commands ...string) ([]string, error) {
	t.Helper()
	needRoot(t)
	facts, err := Probe()
	if err != nil {
		return nil, err
	}
	if b.unprivileged {
		facts.Privileged = false
	}
	if b.facts != nil {
		b.facts(&facts)
	}
	pid := 0
	steps, err := Plan(b.Config, facts, &pid)
	if err != nil {
		return nil, err
	}
	cmd, conn, err := b.start()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer cmd.Process.Kill()
	pid = cmd.Process.Pid
	for _, op := range steps.Open {
		if err := op.Do(); err != nil {
			steps.Sources.Close()
			cmd.Process.Kill()
			cmd.Wait()
			return nil, fmt.Errorf("%s: %w", op, err)
		}
	}
	if b.opened != nil {
		b.opened()
	}
	if err := send(conn, order{b.Config, facts, commands}, steps.Sources.Files()); err != nil {
		return nil, err
	}
	steps.Sources.Close()
	results, err := b.results(conn)
	if waitErr := cmd.Wait(); waitErr != nil {
		return nil, fmt.Errorf("%v: %s", waitErr, cmd.Stderr)
	}
	return results, err
}

// results reads what each command said. To "sync" the parent does its part.
func (b box) results(conn *net.UnixConn) ([]string, error) {
	var all []string
	replies := json.NewDecoder(conn)
	for {
		var one string
		if err := replies.Decode(&one); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if one == "sync" {
			b.during()
			if _, err := conn.Write([]byte("1")); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
}

func (b box) start() (*exec.Cmd, *net.UnixConn, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer ours.Close()
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe", helperWord)
	cmd.Stderr = &strings.Builder{}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | b.flags, Pdeathsig: syscall.SIGKILL}
	for flag, set := range map[uintptr]bool{
		unix.CLONE_NEWUSER: b.UserNS, unix.CLONE_NEWPID: b.PidNS, unix.CLONE_NEWNET: b.NetNS,
		unix.CLONE_NEWIPC: b.IPCNS, unix.CLONE_NEWCGROUP: b.CgroupNS,
	} {
		if set {
			cmd.SysProcAttr.Cloneflags |= flag
		}
	}
	if b.UserNS {
		maps := []syscall.SysProcIDMap{{ContainerID: 0, HostID: idBase, Size: 65536}}
		cmd.SysProcAttr.UidMappings, cmd.SysProcAttr.GidMappings = maps, maps
		cmd.SysProcAttr.Credential = &syscall.Credential{}
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, nil, err
	}
	return cmd, conn.(*net.UnixConn), nil
}

func send(conn *net.UnixConn, o order, files []*os.File) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	if _, _, err = conn.WriteMsgUnix([]byte{byte(len(fds))}, unix.UnixRights(fds...), nil); err != nil {
		return err
	}
	_, err = conn.Write(text)
	return err
}

func receive(conn *net.UnixConn) (o order, files []*os.File, err error) {
	count, oob := make([]byte, 1), make([]byte, 4096)
	_, n, _, _, err := conn.ReadMsgUnix(count, oob)
	if err != nil {
		return o, nil, err
	}
	if n > 0 {
		messages, err := unix.ParseSocketControlMessage(oob[:n])
		if err != nil {
			return o, nil, err
		}
		fds, err := unix.ParseUnixRights(&messages[0])
		if err != nil {
			return o, nil, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "source"))
		}
	}
	return o, files, json.NewDecoder(conn).Decode(&o)
}

func helper() error {
	c, err := net.FileConn(os.NewFile(3, "socket"))
	if err != nil {
		return err
	}
	conn := c.(*net.UnixConn)
	o, files, err := receive(conn)
	if err != nil {
		return err
	}
	steps, err := Plan(o.Config, o.Facts, new(int))
	if err != nil {
		return err
	}
	if err := steps.Sources.Fill(files); err != nil {
		return err
	}
	for _, op := range append(steps.Mount, steps.Pivot...) {
		if err := op.Do(); err != nil {
			return fmt.Errorf("%s [%s]: %w", op, op.Field(), err)
		}
	}
	replies := json.NewEncoder(conn)
	for _, command := range o.Commands {
		if err := replies.Encode(obey(command)); err != nil {
			return err
		}
		if command == "sync" {
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// obey does one command in the container and says what came of it: the result,
// or the name of the errno.
func obey(command string) string {
	verb, rest, _ := strings.Cut(command, " ")
	name, text, _ := strings.Cut(rest, " ")
	switch verb {
	case "sync":
		return "sync"
	case "head":
		return head(name)
	case "fill":
		return said("ok", os.WriteFile(name, make([]byte, 4<<20), 0o644))
	case "read":
		b, err := os.ReadFile(name)
		return said(string(b), err)
	case "write":
		return said("ok", os.WriteFile(name, []byte(text), 0o644))
	case "rm":
		return said("ok", os.Remove(name))
	case "mkdir":
		return said("ok", os.Mkdir(name, 0o755))
	case "exists":
		_, err := os.Lstat(name)
		return said("yes", err)
	case "link":
		target, err := os.Readlink(name)
		return said(target, err)
	case "ls":
		entries, err := os.ReadDir(name)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return said(strings.Join(names, " "), err)
	case "stat":
		return stat(name)
	case "mount":
		return mountAt(name)
	case "mounts":
		return mountinfo()
	case "chmod":
		return said("ok", os.Chmod(name, 0o600))
	case "mount-tmpfs":
		return said("ok", unix.Mount("tmpfs", name, "tmpfs", 0, ""))
	}
	return "unknown command " + verb
}

// head reads four bytes.
func head(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return said("", err)
	}
	defer f.Close()
	b := make([]byte, 4)
	n, err := f.Read(b)
	return said(fmt.Sprint(n), err)
}

func said(text string, err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return text
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func stat(name string) string {
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		return said("", err)
	}
	s := fmt.Sprintf("%o %d:%d", st.Mode, st.Uid, st.Gid)
	if st.Mode&unix.S_IFMT == unix.S_IFCHR {
		s += fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	return s
}

// mountAt shows the topmost mount at name: type and options.
func mountAt(name string) string {
	found := "none"
	for line := range strings.Lines(mountinfo()) {
		f := strings.Fields(line)
		if f[4] == name {
			dash := 6
			for f[dash] != "-" {
				dash++
			}
			found = f[dash+1] + " " + f[5] + " " + strings.Join(f[6:dash], " ")
		}
	}
	return strings.TrimSpace(found)
}

// makeRoot makes a root directory with a file owned by root, one owned by
// another, and an empty directory for each name.
func makeRoot(t *testing.T, dirs ...string) string {
	t.Helper()
	root := filepath.Join(tempDir(t), "rootfs")
	for _, d := range append(dirs, "etc", "proc", "dev", "sys", "tmp") {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(root, "etc/name"), "lower")
	return root
}

// tempDir is a directory that every user may go into.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func rootAt(path string) *specs.Root { return &specs.Root{Path: path} }

func procMount() specs.Mount {
	return specs.Mount{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}}
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			t.Errorf("command %d: got %q, want %q", i, got, w)
			return
		}
	}
}
