package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// insideName says to our second self that it is the one in the namespaces.
const insideName = "MINI_SOAK_INSIDE"

// machine is the procfs of the machine as our second self has it: a descriptor
// that it was given, for its own procfs shows only what is in its namespace.
const machine = "/proc/self/fd/3"

// alone runs us again, as a child in namespaces of its own and with a plain
// cgroup2. It returns true in there, and false when the child has ended well.
func alone() (inside bool, err error) {
	if os.Getenv(insideName) != "" {
		return true, furnish()
	}
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	proc, err := os.Open("/proc")
	if err != nil {
		return false, err
	}
	defer proc.Close()
	cmd := exec.Command("hack/private-cgroup2", append([]string{self}, os.Args[1:]...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{proc}
	cmd.Env = append(os.Environ(), insideName+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	err = cmd.Run()
	var status *exec.ExitError
	if errors.As(err, &status) {
		os.Exit(status.ExitCode())
	}
	return false, err
}

// furnish mounts what is different in here: the processes, and a /run that
// nobody else writes to.
func furnish() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make / private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	return nil
}

// reap takes the orphans that process 1 gets: what killed minis have left. No
// child of our own may be running.
func reap() {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err != unix.EINTR && pid <= 0 {
			return
		}
	}
}
