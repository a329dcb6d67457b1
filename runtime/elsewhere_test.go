package runtime

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStatusOfOthers wants the status of a process by both ways that need no
// wait(2): from the zombie, and once it was reaped.
func TestStatusOfOthers(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("needs root")
		}
		t.Skip("needs root: the kernel tells nobody else")
	}
	for script, want := range map[string]unix.WaitStatus{"exit 7": 7 << 8, "kill -KILL $$": 9, "exit 0": 0} {
		cmd := exec.Command("sh", "-c", script)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		id, err := identify(cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.PidfdOpen(id.pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		pidfd := os.NewFile(uintptr(fd), "pidfd")
		defer pidfd.Close()
		if err := readable(pidfd); err != nil {
			t.Fatal(err)
		}
		if got, ok := zombieStatus(id); !ok || got != want {
			t.Errorf("%s: zombie: got %x, %v, want %x", script, got, ok, want)
		}
		if _, ok := zombieStatus(identity{id.pid, id.start + 1}); ok {
			t.Errorf("%s: of another process", script)
		}
		c := &Container{Pidfd: pidfd, adopted: true}
		c.Record.Pid, c.Record.Start = id.pid, id.start
		_ = cmd.Wait()
		got, err := c.awaitOther()
		if err != nil || got != want && !(old(pidfd) && got == statusUnknown) {
			t.Errorf("%s: reaped: got %x, %v, want %x", script, got, err, want)
		}
	}
}

// old says that the kernel does not know PIDFD_GET_INFO's exit (before Linux 6.15).
func old(pidfd *os.File) bool {
	_, ok := exitInfo(pidfd)
	return !ok && unix.IoctlPidfdInfo(int(pidfd.Fd()), &unix.PidfdInfo{Mask: 1 << 3}) != nil
}

func TestUnknownStatus(t *testing.T) {
	got, err := (&Container{adopted: true}).awaitOther()
	if err != nil || got.ExitStatus() != Unknown || got.Signaled() {
		t.Errorf("got %x, %v", got, err)
	}
}
