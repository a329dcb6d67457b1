package integration

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTop prints a table where nobody looks on, also without any container.
func TestTop(t *testing.T) {
	u := newUser(t)
	if r := u.mini("top"); r.status != 0 || !strings.HasPrefix(r.stdout, "ID  STATE") || strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("of none: %+v", r)
	}
	u.detached("topweb", u.bundle(sh("exec sleep 1000")))
	u.detached("ended", u.bundle(sh("exit 3")))
	u.mini("wait", "ended").wantStatus(t, 3)
	b := u.start("run", "--name", "fore", u.bundle(sh(untilTerm)))
	u.mini("wait", "--for", "healthy", "topweb").wantStatus(t, 0)
	r := u.mini("top", "--once", "--sort", "name")
	for _, pattern := range []string{`(?m)^ended\s+stopped\s+-`, `(?m)^fore\s+running\s+-`, `(?m)^topweb\s+healthy\s+0\s`} {
		if !regexp.MustCompile(pattern).MatchString(r.stdout) {
			t.Errorf("no %q in:\n%s%s", pattern, r.stdout, r.stderr)
		}
	}
	u.mini("top", "--sort", "beauty").wantStatus(t, 125)
	u.mini("top", "--interval", "1ms").wantStatus(t, 125)
	b.signal(unix.SIGTERM).wantStatus(t, 0)
}

// TestVMTop has numbers where there are controllers.
func TestVMTop(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	u.detached("topweb", "--memory", "32m", "--cpus", "0.5", "--pids-limit", "20", u.bundle(sh("while :; do :; done")))
	u.mini("wait", "--for", "healthy", "topweb").wantStatus(t, 0)
	r := u.mini("top", "--once")
	if !regexp.MustCompile(`(?m)^topweb\s+healthy\s+0\s+[1-9][0-9.]*/50\s+\d+\s+\S+/32M\s+1/20\s+\d+ \d+ \d+`).MatchString(r.stdout) {
		t.Errorf("got:\n%s", r.stdout)
	}
}

// TestTopLive: it follows the size of the terminal and what happens, and leaves
// the terminal as it was, however it ends.
func TestTopLive(t *testing.T) {
	for _, end := range []string{"q", "\x03", "SIGTERM", "SIGHUP"} {
		t.Run(end, func(t *testing.T) {
			u := newUser(t)
			u.detached("topweb", u.bundle(sh("exec sleep 1000")))
			p := u.sit("top", "--interval", "200ms")
			p.sees("\x1b[?1049h")
			p.sees("by cpu")
			p.sees("topweb")
			p.types("n")
			p.sees("by name")
			p.resize(24, 20)
			_ = p.cmd.Process.Signal(unix.SIGWINCH)
			p.sees("1 containe\x1b[K")
			u.detached("another", u.bundle(sh("exec sleep 1000")))
			p.sees("another")
			if sig := unix.SignalNum(end); sig != 0 {
				_ = p.cmd.Process.Signal(sig)
			} else {
				p.types(end)
			}
			p.sees("\x1b[?25h\x1b[?1049l")
			p.leaves(0)
			if after := p.settings(); p.before != after {
				t.Errorf("the terminal is %+v, was %+v", after, p.before)
			}
		})
	}
}

// settings are those of the terminal.
func (p *person) settings() (s unix.Termios) {
	p.t.Helper()
	raw, err := p.master.SyscallConn()
	if err != nil {
		p.t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		got, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			p.t.Fatal(err)
		}
		s = *got
	})
	return s
}
