package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// person is someone at a terminal in which mini runs.
type person struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	seen   []byte       // and not asked for yet
	before unix.Termios // its settings when mini came
}

// sit starts mini in a new terminal of 24 rows and 80 columns.
func (u user) sit(args ...string) *person {
	u.t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		u.t.Fatal(err)
	}
	p := &person{t: u.t, master: os.NewFile(uintptr(fd), "ptmx"), cmd: u.command(args...)}
	u.t.Cleanup(func() { p.master.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		u.t.Fatal(err)
	}
	number, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		u.t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		u.t.Fatal(err)
	}
	defer slave.Close()
	p.resize(24, 80)
	p.before = p.settings()
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		u.t.Fatal(err)
	}
	return p
}

// resize also sends SIGWINCH, as the kernel does for a terminal.
func (p *person) resize(rows, columns uint16) {
	p.t.Helper()
	raw, err := p.master.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			if e := unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}); e != nil {
				p.t.Error(e)
			}
		})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) types(s string) {
	p.t.Helper()
	if _, err := p.master.WriteString(s); err != nil {
		p.t.Fatal(err)
	}
}

// sees reads on until the text comes up.
func (p *person) sees(text string) {
	p.t.Helper()
	_ = p.master.SetReadDeadline(time.Now().Add(patience()))
	for !bytes.Contains(p.seen, []byte(text)) {
		buf := make([]byte, 4096)
		n, err := p.master.Read(buf)
		p.seen = append(p.seen, buf[:n]...)
		if err != nil {
			p.t.Fatalf("no %q on the screen: %v\n%q", text, err, p.seen)
		}
	}
	_, p.seen, _ = bytes.Cut(p.seen, []byte(text))
}

// prompted returns when the shell has answered, so that its terminal is ours.
func (p *person) prompted() {
	p.t.Helper()
	p.types("echo rea''dy\r")
	p.sees("ready")
}

// leaves wants mini to end with this status.
func (p *person) leaves(want int) {
	p.t.Helper()
	go func() { // what is still written must not hold it up
		buf := make([]byte, 4096)
		for {
			if _, err := p.master.Read(buf); err != nil {
				return
			}
		}
	}()
	_ = p.cmd.Wait()
	if got := exitStatus(p.cmd.ProcessState); got != want {
		p.t.Errorf("%q: status %d, want %d", p.cmd.Args[1:], got, want)
	}
}

func withTerminal(s *specs.Spec) {
	s.Process.Terminal = true
	s.Process.Args = []string{"/bin/sh"}
}

// TestAttach: two people at one shell, which outlives that one of them leaves.
func TestAttach(t *testing.T) {
	u := newUser(t)
	u.detached("shell", u.bundle(withTerminal))
	a, b := u.sit("attach", "shell"), u.sit("attach", "shell")
	b.prompted()
	a.prompted()
	a.types("echo a$((1+1))\r")
	a.sees("\na2\r\n")
	b.sees("\na2\r\n")
	b.types("echo b$((1+2))\r")
	b.sees("\nb3\r\n")
	a.sees("\nb3\r\n")
	a.types("echo before; \x10\x11")
	a.sees("detached")
	a.leaves(0)
	b.sees("echo before; ") // what was typed before the keys has come, too
	b.types("exit 7\r")
	b.leaves(7)
	u.mini("wait", "shell").wants(t, 7, "7\n")
	if logs := u.mini("logs", "shell"); !strings.Contains(logs.stdout, "\nb3\n") {
		t.Errorf("logs: %+v", logs)
	}
}

// TestAttachSize: the container's terminal is as large as ours, when it becomes
// larger too.
func TestAttachSize(t *testing.T) {
	u := newUser(t)
	u.detached("shell", u.bundle(withTerminal))
	p := u.sit("attach", "shell")
	p.prompted()
	p.types("stty size\r")
	p.sees("\n24 80\r\n")
	p.resize(50, 132)
	p.types("until [ \"$(stty size)\" = '50 132' ]; do :; done; echo gr''own\r")
	p.sees("grown")
	p.types("exit\r")
	p.leaves(0)
}

// TestAttachThroughRestarts: who is attached stays, with a new terminal.
func TestAttachThroughRestarts(t *testing.T) {
	u := newUser(t)
	u.detached("shell", "--restart", "on-failure", u.bundle(withTerminal))
	p := u.sit("attach", "shell")
	p.prompted()
	p.types("echo fi''rst; exit 1\r")
	p.sees("first")
	p.sees("built-in shell") // which it says again
	p.types("echo sec''ond; stty size\r")
	p.sees("second")
	p.sees("24 80")
	p.types("exit 0\r")
	p.leaves(0)
}

// TestAttachWatches a program without a terminal: each stream comes out where it
// went in, and a signal to the watcher is not the program's.
func TestAttachWatches(t *testing.T) {
	u := newUser(t)
	u.detached("web", u.bundle(sh("while :; do echo out; echo err >&2; sleep 0.02; done")))
	b := u.start("attach", "web")
	b.reads("out")
	awaitText(t, b.stderr.Name(), "err\n")
	r := b.signal(unix.SIGINT)
	if r.status != 0 || strings.Contains(r.stdout, "err") || !strings.Contains(r.stderr, "err\n") {
		t.Errorf("got status %d, stdout %q, stderr %q", r.status, r.stdout, r.stderr)
	}
	if s := u.inspect("web"); s.Status != specs.StateRunning {
		t.Errorf("the program is %s", s.Status)
	}
}

// TestAttachStuck: a client that takes nothing does not hold the program up for
// long.
func TestAttachStuck(t *testing.T) {
	u := newUser(t)
	data := t.TempDir()
	u.detached("web", "--volume", data+":/data", u.bundle(sh("until [ -e /data/go ]; do sleep 0.02; echo; done; yes | head -c 3000000; exit 3")))
	b := u.start("attach", "web")
	_ = b.cmd.Process.Signal(unix.SIGSTOP)
	touch(t, filepath.Join(data, "go"))
	u.mini("wait", "web").wants(t, 3, "3\n")
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}
