package process

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// notifying is a filter that puts these calls before the agent.
func notifying(calls ...uint32) *Filter {
	f := &Filter{Flags: unix.SECCOMP_FILTER_FLAG_NEW_LISTENER}
	f.Program = append(f.Program, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS})
	for i, nr := range calls {
		f.Program = append(f.Program, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jt: uint8(len(calls) - i)})
	}
	for _, ret := range []uint32{unix.SECCOMP_RET_ALLOW, unix.SECCOMP_RET_USER_NOTIF} {
		f.Program = append(f.Program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: ret})
	}
	return f
}

// The two structures of linux/seccomp.h that an agent exchanges with the kernel.
type (
	notification struct {
		id         uint64
		pid, flags uint32
		nr         int32
		arch       uint32
		ip         uint64
		args       [6]uint64
	}
	answer struct {
		id    uint64
		value int64
		errno int32
		flags uint32
	}
)

const letPass = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE

// agent serves one connection; it returns the message, and the calls it was
// asked about.
func agent(l *net.UnixListener) (message string, asked map[int32]int, err error) {
	conn, err := l.AcceptUnix()
	if err != nil {
		return "", nil, err
	}
	defer conn.Close()
	text, rights := make([]byte, 4096), make([]byte, 64)
	n, oobn, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		return "", nil, err
	}
	list, err := unix.ParseSocketControlMessage(rights[:oobn])
	if err != nil || len(list) != 1 {
		return "", nil, errors.Join(err, errors.New("no descriptor came"))
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil {
		return "", nil, err
	}
	defer unix.Close(fds[0])
	asked, err = decide(fds[0])
	return string(text[:n]), asked, err
}

// decide gives personality(2) a value that the kernel never would, and lets all
// others pass, until nobody is left to ask.
func decide(listener int) (map[int32]int, error) {
	asked := map[int32]int{}
	for {
		poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err == unix.EINTR {
			continue
		} else if err != nil || poll[0].Revents&unix.POLLHUP != 0 {
			return asked, err
		}
		var n notification
		if errno := ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); errno != 0 {
			continue // ENOENT: it was killed meanwhile
		}
		asked[n.nr]++
		a := answer{id: n.id, flags: letPass}
		if n.nr == unix.SYS_PERSONALITY {
			a = answer{id: n.id, value: 42}
		}
		ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a))
	}
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	return errno
}

// TestNotify: the agent gets the message, the descriptor and all calls it is
// asked about, those included that hand over the descriptor itself.
func TestNotify(t *testing.T) { notify(t, false) }

// TestNotifyBusy: where Go would rather run something else, the thread that waits
// under the filter is not preempted: it would ask an agent that knows nothing yet.
func TestNotifyBusy(t *testing.T) { notify(t, true) }

func notify(t *testing.T, busy bool) {
	t.Helper()
	needRoot(t)
	path := filepath.Join(t.TempDir(), "agent.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	type result struct {
		message string
		asked   map[int32]int
		err     error
	}
	ended := make(chan result, 1)
	go func() {
		m, asked, err := agent(l)
		ended <- result{m, asked, err}
	}()
	c := showing(func(c *Config) {
		c.Filter = notifying(unix.SYS_SENDMSG, unix.SYS_FUTEX, unix.SYS_WRITE, unix.SYS_NANOSLEEP, unix.SYS_EXECVE, unix.SYS_PERSONALITY)
		c.Listener = &Listener{Path: path, Message: []byte(`{"fds":["seccompFd"]}`)}
		c.Process.NoNewPrivileges = true
	})
	v := seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t), Busy: busy})
	if v.Personality != 42 {
		t.Errorf("personality %d: the agent's answer did not arrive", v.Personality)
	}
	r := <-ended
	if r.err != nil || r.message != `{"fds":["seccompFd"]}` {
		t.Errorf("the agent got %q, %v", r.message, r.err)
	}
	if r.asked[unix.SYS_EXECVE] == 0 || r.asked[unix.SYS_WRITE] == 0 {
		t.Errorf("the agent was asked about %v", r.asked)
	}
}

func TestListenerMissing(t *testing.T) {
	c := small()
	c.Filter, c.Listener = notifying(unix.SYS_MKDIRAT), &Listener{Path: filepath.Join(t.TempDir(), "none")}
	steps, err := Plan(c, testFacts(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := steps.Open[0].Do(); !errors.Is(err, unix.ENOENT) {
		t.Errorf("no agent: got %v", err)
	}
	load := loadNotifying{filter: c.Filter, listener: c.Listener}
	if err := load.Do(); !errors.Is(err, errNoListener) {
		t.Errorf("empty cell: got %v", err)
	}
}

// TestAffinity: a process that joins gets its processors, the first does not.
func TestAffinity(t *testing.T) {
	needRoot(t)
	for _, joins := range []bool{true, false} {
		c := showing(func(c *Config) {
			c.Joins = joins
			c.Process.ExecCPUAffinity = &specs.CPUAffinity{Final: "0"}
		})
		v := seen(t, mile{Root: newRoot(t, nil), Config: c, Facts: probe(t)})
		if got := v.Status["Cpus_allowed_list"]; (got == "0") != joins {
			t.Errorf("joins %v: runs on %s", joins, got)
		}
	}
}
