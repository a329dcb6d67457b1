package runtime

import (
	"errors"
	"fmt"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// This file is about a further process of a container that is in the host's
// mount namespace: there is no namespace to join that would give it the
// container's root, so it must be handed over.

// enterRoot makes the root of the container's first process that of init.
type enterRoot struct {
	note
	dir *os.File
}

func (o *enterRoot) Do() error {
	defer o.close()
	return calls.Do(o)
}

func (o *enterRoot) Calls(l *calls.List) {
	if o.dir == nil {
		l.Fail(errors.New("the container's root was not handed over"))
		return
	}
	dir := l.Lend(o.dir)[0]
	l.Fchdir(dir)
	l.Chroot(".")
	l.Close(dir)
}

// close closes what was lent.
func (o *enterRoot) close() {
	if o != nil && o.dir != nil {
		o.dir.Close()
	}
}

func (o *enterRoot) String() string { return "chroot to the root of the container" }
func (o *enterRoot) Shell() string  { return "" }

// foreignRoot plans that step where it is needed.
func (p *Plan) foreignRoot() error {
	if p.owns(specs.MountNamespace) {
		return nil
	}
	p.root = &enterRoot{note: note{"/linux/namespaces", "The container has no mount namespace that would bring its root along (chroot(2))"}}
	p.add(Pivot, p.root)
	return nil
}

// openRoot opens the root of the container's first process.
func (c *Container) openRoot(pidfd *os.File) error {
	if c.Plan.root == nil {
		return nil
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/root", c.first), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the container's root: %w", err)
	}
	c.Plan.root.dir = os.NewFile(uintptr(fd), "root")
	// The number is still that process's, if it lives.
	if err := unix.PidfdSendSignal(int(pidfd.Fd()), 0, nil, 0); err != nil {
		return fmt.Errorf("pidfd_send_signal: %w", err)
	}
	return nil
}

// lendRoot hands it over.
func (c *Container) lendRoot() error {
	if c.Plan.root == nil {
		return nil
	}
	defer c.Plan.root.close()
	return c.channel.sendFiles([]*os.File{c.Plan.root.dir})
}

// takeRoot is init's side of lendRoot: the root is the first of the files.
func (p *Plan) takeRoot(files []*os.File) (rest []*os.File, err error) {
	if p.root == nil {
		return files, nil
	}
	if len(files) == 0 {
		return nil, errors.New("the container's root was not handed over")
	}
	p.root.dir = files[0]
	return files[1:], nil
}
