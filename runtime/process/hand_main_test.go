package process

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
	"mini/namespaces/calls/callstest"
)

// hand is one in namespaces of its own, in a root. Of what it writes stdout is a
// pipe.
type hand struct {
	calls.Hand
	cmd    *exec.Cmd
	stdout bytes.Buffer
	answer *os.File // what it says when it is left alone
}

// walkByHand is walk with a hand.
func walkByHand(t *testing.T, m mile) ([]byte, *failure) {
	t.Helper()
	h := startHand(t, m.Config)
	h.enter(t, m)
	steps, err := Plan(m.Config, m.Facts, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, i, err := h.do(t, steps)
	if err == nil {
		return out, nil
	}
	f := failureOf(steps.Last[i].String(), steps.Last[i].Field(), err)
	return nil, &f
}

// startHand starts one, with a user namespace if the configuration has one.
func startHand(t *testing.T, c Config) *hand {
	t.Helper()
	answer, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	h := &hand{answer: answer}
	h.cmd = &exec.Cmd{
		ExtraFiles: []*os.File{told}, Stdout: &h.stdout, Stderr: os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID},
	}
	if c.UserNS {
		inUserNS(h.cmd, c)
	}
	if h.Hand, err = callstest.Start(h.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Socket.Close()
		answer.Close()
		_ = h.cmd.Wait()
	})
	return h
}

// enter is what the stages before do, and lastMile.
func (h *hand) enter(t *testing.T, m mile) {
	t.Helper()
	l := h.List()
	for fd := range 2 {
		l.Call("fcntl F_SETFD", unix.SYS_FCNTL, calls.N(3+fd), calls.N(unix.F_SETFD), calls.N(unix.FD_CLOEXEC))
	}
	if m.Outside != "" {
		l.Dup(l.Open(m.Outside, unix.O_DIRECTORY).Arg(), 9)
	}
	mount := func(source, target, fstype string, flags int) {
		l.Call("mount "+target, unix.SYS_MOUNT, l.Text(source), l.Text(target), l.Text(fstype), calls.N(flags), calls.Arg{})
	}
	mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE)
	for _, dir := range libraries() {
		mount("/"+dir, m.Root+"/"+dir, "", unix.MS_BIND)
	}
	if noexec := m.Root + "/noexec"; isDir(noexec) {
		mount(noexec, noexec, "", unix.MS_BIND)
		mount("", noexec, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_NOEXEC)
	}
	mount("proc", m.Root+"/proc", "proc", 0)
	l.Chroot(m.Root)
	l.Chdir("/")
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
}

// do has the hand do the steps, and gives what the program writes, or which step
// has failed and how: with its root to look at, as it was left.
func (h *hand) do(t *testing.T, steps Steps) (out []byte, step int, err error) {
	t.Helper()
	l := h.List()
	write(l, homeOnly(steps.Look))
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	l.Answer(calls.N(4))
	write(l, steps.Last)
	root, err := HoldRoot(h.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := h.Leave(l, handStatus, nil); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(h.answer)
	if err != nil {
		t.Fatal(err)
	}
	_ = h.cmd.Wait()
	if len(text) == 0 {
		return h.stdout.Bytes(), 0, nil
	}
	a, ok := calls.ReadAnswer(text)
	if got := h.cmd.ProcessState.ExitCode(); !ok || got != handStatus {
		t.Fatalf("answer %v, exit status %d", ok, got)
	}
	stepOf, names := l.Left()
	failed := &calls.Failure{Call: names[a.Call], Err: a.Errno}
	return nil, stepOf[a.Call], steps.Words.Explain(failed, root)
}

// handStatus is what a hand exits with that has failed.
const handStatus = 42

func write(l *calls.List, ops []Op) {
	for i, op := range ops {
		l.Step(i)
		op.Calls(l)
	}
}
