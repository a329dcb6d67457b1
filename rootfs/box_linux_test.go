package rootfs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls/callstest"
)

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
	hand         bool   // by a hand in any case
	trips        *int   // how often that is sent anything; nil: nobody asks
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
	hand := b.hand || os.Getenv(handMark) != "" && !steps.NeedsGo
	cmd, conn, err := b.start(hand)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer cmd.Process.Kill()
	pid = cmd.Process.Pid
	err = b.open(steps)
	files := steps.Sources.Files()
	if err == nil && hand {
		err, files = buildByHand(conn, steps, b.trips), nil
	}
	if err != nil {
		steps.Sources.Close()
		cmd.Process.Kill()
		cmd.Wait()
		return nil, err
	}
	if err := send(conn, order{b.Config, facts, commands}, files); err != nil {
		return nil, err
	}
	steps.Sources.Close()
	results, err := b.results(conn)
	if waitErr := cmd.Wait(); waitErr != nil {
		return nil, fmt.Errorf("%v: %s", waitErr, cmd.Stderr)
	}
	return results, err
}

// open does the stage Open.
func (b box) open(steps Steps) error {
	for _, op := range steps.Open {
		if err := op.Do(); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	if b.opened != nil {
		b.opened()
	}
	return nil
}

// results reads what each command said. To "sync" the parent does its part.
func (b box) results(conn *os.File) ([]string, error) {
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

func (b box) start(hand bool) (*exec.Cmd, *os.File, error) {
	cmd := &exec.Cmd{
		Stderr:      &strings.Builder{},
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | b.flags, Pdeathsig: syscall.SIGKILL},
	}
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
	if hand {
		h, err := callstest.Start(cmd)
		return cmd, h.Socket, err
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer theirs.Close()
	cmd.Path, cmd.ExtraFiles = "/proc/self/exe", []*os.File{theirs}
	cmd.Args = []string{cmd.Path, helperWord}
	return cmd, ours, cmd.Start()
}

func send(conn *os.File, o order, files []*os.File) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	var rights []byte
	if len(fds) > 0 {
		rights = unix.UnixRights(fds...)
	}
	if err = unix.Sendmsg(int(conn.Fd()), []byte{byte(len(fds))}, rights, nil, 0); err != nil {
		return err
	}
	_, err = conn.Write(text)
	return err
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

func kernel(t *testing.T) release {
	t.Helper()
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	return parseRelease(unix.ByteSliceToString(name.Release[:]))
}
