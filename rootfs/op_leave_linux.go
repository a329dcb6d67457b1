package rootfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// This file is for a container that is to stay in the caller's mount namespace:
// the specification lets it inherit what linux.namespaces does not list. runc and
// crun then mount in the host's tree, leave it there, and chroot(2) into a part of
// it, from which "../.." leads out again. Here init builds the root in a mount
// namespace for the time being, clones it as a whole, goes back to the host's
// namespace and takes the clone as its root. Nothing appears in the
// host's tree; the mounts belong to no namespace, so that nothing can be mounted
// there or unmounted, and they end with the last process that uses them. "/" has
// no parent, so no number of ".." leads out of it. What remains is what a mount
// namespace is for: a program with CAP_SYS_ADMIN can enter the host's tree
// (setns(2) on /proc/self/ns/mnt).

// openMountNS opens the mount namespace of this process, the parent.
type openMountNS struct {
	note
	to *slot
}

func (o *openMountNS) Do() error {
	fd, err := unix.Open("/proc/self/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	o.to.set(fd)
	return nil
}

func (o *openMountNS) String() string { return "open /proc/self/ns/mnt" }
func (o *openMountNS) Shell() string  { return "" }

// leaveNS is the way back.
type leaveNS struct {
	note
	host *slot
	tree *tree
}

func (o *leaveNS) Calls(l *calls.List) {
	host := o.host.fd(l, "")
	o.tree.forget(l)
	// The mounts of a clone stay together when it is closed while in use; those
	// of a mount namespace that ends, or of umount2 with MNT_DETACH, fall apart.
	root := cloneTree(l, calls.CWD, "/", true).Arg()
	// setns wants a root directory that no other thread shares. A goroutine of init's
	// is locked to this thread, which is the one that execve leaves.
	l.Call("unshare(CLONE_FS)", unix.SYS_UNSHARE, calls.N(unix.CLONE_FS))
	l.Call("setns", unix.SYS_SETNS, host, calls.N(unix.CLONE_NEWNS))
	l.Fchdir(root)
	l.Chroot(".")
	l.Close(root)
	o.host.close(l)
}

func (o *leaveNS) Do() error { return calls.Do(o) }

func (o *leaveNS) String() string {
	return "open_tree / (recursive), setns(CLONE_NEWNS) to the host's mount namespace, chroot to the clone"
}
func (o *leaveNS) Shell() string { return "" }

var (
	errNeedsMountNS = errors.New("has no mount namespace: only root can do without, and not in a user namespace")
	errUnbindable   = errors.New("has no mount namespace: then a mount cannot be unbindable, since the whole root is cloned")
)

// borrowed plans the way back, and says what it means.
func (p *planner) borrowed() error {
	if !p.c.HostMountNS {
		return nil
	}
	const field = "/linux/namespaces"
	if p.c.UserNS || !p.f.Privileged {
		return &FieldError{field, errNeedsMountNS}
	}
	if slices.ContainsFunc(p.c.Mounts, func(m specs.Mount) bool {
		return slices.Contains(m.Options, "unbindable") || slices.Contains(m.Options, "runbindable")
	}) || strings.HasSuffix(p.c.Propagation, "unbindable") {
		return &FieldError{field, errUnbindable}
	}
	host := p.source()
	p.open = append(p.open, &openMountNS{
		note: note{field, "Gets hold of the mount namespace that the container is to be in (mount_namespaces(7))"}, to: host,
	})
	p.seals = append(p.seals, &leaveNS{
		note: note{field, "Goes back to the host's mount namespace, with a clone of the finished root, attached nowhere, as this process's root (setns(2), chroot(2))"},
		host: host, tree: p.tree,
	})
	p.warnings = append(p.warnings, Warning{field, "the container is in the host's mount namespace: its mounts do not appear there, but a program with CAP_SYS_ADMIN can enter it"})
	return nil
}
