package tell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/excerpt"
)

// command is run for each event.
type command struct {
	argv    []string
	dir     string
	timeout time.Duration
}

var errTooLong = errors.New("killed: it took too long")

// deliver runs the command with the event on its stdin. It is in a process group
// of its own, which is killed when its time is over, when it has ended and left
// something behind, and if we are killed (the command itself: PR_SET_PDEATHSIG
// goes by thread, so ours stays as long as it runs).
func (c *command) deliver(ctx context.Context, i item) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := excerpt.New(maxSaid)
	if err != nil {
		return err
	}
	defer out.Close()
	p, err := c.start(i, out.Write)
	if err != nil {
		return err
	}
	state, err := within(ctx, p, c.timeout)
	if err != nil {
		return err
	}
	if text := oneLine(out.Text()); !state.Success() && text != "" {
		return complaint{fmt.Errorf("%s: %s", state, text)}
	} else if !state.Success() {
		return complaint{errors.New(state.String())}
	}
	return nil
}

func (c *command) start(i item, out *os.File) (*os.Process, error) {
	stdin, err := holding(i.line)
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	path := c.argv[0]
	if !strings.Contains(path, "/") { // else it is found from c.dir
		if path, err = exec.LookPath(path); err != nil {
			return nil, err
		}
	}
	return os.StartProcess(path, c.argv, &os.ProcAttr{
		Dir:   c.dir,
		Env:   i.environ(),
		Files: []*os.File{stdin, out, out},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
}

// environ is ours and what the command is told there. Of two variables of one
// name some programs take the first and some the last.
func (i item) environ() []string {
	own := []string{"MINI_EVENT=" + string(i.kind), "MINI_ID=" + i.id, "MINI_STATE=" + i.state}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "MINI_EVENT" || name == "MINI_ID" || name == "MINI_STATE"
	})
	return append(env, own...)
}

// holding is a file with a text to be read (memfd_create(2)): unlike a pipe it
// takes all at once, whether or not it is ever read.
func holding(text []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("event", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "event")
	if _, err := f.Write(text); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("write the event: %w", err)
	}
	return f, nil
}

// within waits for a process and ends its group: at the latest after timeout, or
// when ctx is done.
func within(ctx context.Context, p *os.Process, timeout time.Duration) (*os.ProcessState, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var mu sync.Mutex
	reaped := false
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		if !reaped {
			_ = unix.Kill(-p.Pid, unix.SIGKILL) // ESRCH: nobody is left
		}
	}
	stop := context.AfterFunc(ctx, kill)
	late := !ended(p.Pid, stop)
	kill() // the process is a zombie: its group's number is still its own
	mu.Lock()
	defer mu.Unlock()
	state, err := p.Wait()
	reaped = true
	if err == nil && late {
		err = errTooLong
	}
	return state, err
}

// ended waits until a child has ended, without reaping it, and says whether that
// was before the time was over.
func ended(pid int, stop func() bool) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return stop()
		}
	}
}

// maxSaid is how many bytes of a command's output are kept.
const maxSaid = 1 << 10

// oneLine is text without line ends and what is no UTF-8.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}
