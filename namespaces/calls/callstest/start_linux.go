// Package callstest starts hands (package calls) for the tests of those who send
// them something: by os/exec, with the namespaces and files that the test wants.
// How mini starts one is what package namespaces knows.
package callstest

import (
	"fmt"
	"os"
	"os/exec"
	"slices"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// socket is a hand's end of it, in the hand.
const socket = 3

// Start starts cmd, whose Path and Args are not set yet, as a hand. ExtraFiles are
// from 4 on there: 3 is its socket, with whose other end it ends as well.
func Start(cmd *exec.Cmd) (calls.Hand, error) {
	program, err := calls.Program()
	if err != nil {
		return calls.Hand{}, err
	}
	defer program.Close()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return calls.Hand{}, fmt.Errorf("socketpair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	cmd.ExtraFiles = slices.Concat([]*os.File{theirs}, cmd.ExtraFiles, []*os.File{program})
	// The number of program here may be another's in the child, which sorts its files first.
	cmd.Path = fmt.Sprintf("/proc/self/fd/%d", 2+len(cmd.ExtraFiles))
	cmd.Args = calls.Args(socket)
	if err := cmd.Start(); err != nil {
		ours.Close()
		return calls.Hand{}, err
	}
	return calls.Hand{Socket: ours, There: socket}, nil
}
