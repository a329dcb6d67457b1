package namespaces

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// helpGuard starts a program and a guard that is to kill it, says both pids, and
// ends when it is told to. A second word kills the guard first, and has another
// one started in its place.
func helpGuard(how string) error {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		return err
	}
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		return err
	}
	kill, err := os.Create(filepath.Join(os.Getenv("DIR"), "kill"))
	if err != nil {
		return err
	}
	g, err := StartGuard()
	if err == nil {
		err = g.Aim(kill, os.NewFile(uintptr(fd), "pidfd"))
	}
	if err == nil && how == "renewed" {
		err = errors.Join(unix.PidfdSendSignal(int(g.pidfd.Fd()), unix.SIGKILL, nil, 0), readable(int(g.pidfd.Fd())), g.Renew(), g.Renew())
	}
	if err == nil && how == "ended" {
		err = g.End()
	}
	fmt.Println(cmd.Process.Pid)
	if err != nil {
		return err
	}
	_, err = io.ReadFull(os.Stdin, make([]byte, 1))
	return err
}

// readable waits until fd is.
func readable(fd int) error {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// TestGuard kills its master in every way, and wants what it guards to be dead.
func TestGuard(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	for _, tt := range []struct {
		how    string
		signal unix.Signal // 0: it ends by itself
		killed bool
	}{
		{"plain", 0, true}, {"plain", unix.SIGKILL, true}, {"renewed", unix.SIGKILL, true}, {"ended", unix.SIGKILL, false},
	} {
		t.Run(tt.how+unix.SignalName(tt.signal), func(t *testing.T) {
			child, stdin, stdout := newChild(t, "guard", tt.how)
			dir := t.TempDir()
			child.Env = append(child.Env, "DIR="+dir, "PATH="+os.Getenv("PATH"))
			if err := spawn(Config{}, root, child); err != nil {
				t.Fatal(err)
			}
			var pid int
			if _, err := fmt.Fscan(stdout, &pid); err != nil {
				t.Fatal(err)
			}
			if tt.signal == 0 {
				stdin.Write([]byte{1})
			} else if err := unix.PidfdSendSignal(int(child.Pidfd.Fd()), tt.signal, nil, 0); err != nil {
				t.Fatal(err)
			}
			if err := child.reap(); err != nil {
				t.Fatal(err)
			}
			if !tt.killed {
				if err := unix.Kill(pid, unix.SIGTERM); err != nil {
					t.Error(err)
				}
			}
			reapAll(t, pid, map[bool]unix.Signal{true: unix.SIGKILL, false: unix.SIGTERM}[tt.killed])
			if text, _ := os.ReadFile(filepath.Join(dir, "kill")); (string(text) == "1") != tt.killed {
				t.Errorf("the file kill has %q", text)
			}
		})
	}
}

// reapAll waits for the orphans that come to us, of which pid must have been
// killed by sig.
func reapAll(t *testing.T, pid int, sig unix.Signal) {
	t.Helper()
	found := false
	for {
		var status unix.WaitStatus
		got, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			if !found {
				t.Errorf("process %d did not come to us", pid)
			}
			return
		case err != nil:
			t.Fatal(err)
		}
		if got == pid {
			if found = true; status.Signal() != sig {
				t.Errorf("ended by %v (%v), want %v", status.Signal(), status, sig)
			}
		}
	}
}
