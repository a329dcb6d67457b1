package stdio

import (
	"os"
	"os/exec"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// byHand has a hand do the stage.
func byHand(steps Steps) report {
	h, pid, err := startHand()
	if err != nil {
		return report{Step: "start a hand", Error: err.Error()}
	}
	l := h.List()
	for _, op := range steps.Pivot {
		op.Calls(l)
	}
	if err := l.Flush(); err != nil {
		return report{Step: "flush", Error: err.Error()}
	}
	return look(pid, steps.Terminal.Master)
}

// startHand starts a hand, which ends with us.
func startHand() (h calls.Hand, pid int, err error) {
	program, err := calls.Program()
	if err != nil {
		return h, 0, err
	}
	defer program.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return h, 0, err
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	cmd := exec.Command("/proc/self/fd/4") // its number here may be another's in the child
	cmd.Args = calls.Args(3)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{theirs, program}
	if err := cmd.Start(); err != nil {
		return h, 0, err
	}
	return calls.Hand{Socket: os.NewFile(uintptr(fds[0]), "ours"), There: 3}, cmd.Process.Pid, nil
}
