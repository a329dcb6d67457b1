package namespaces

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openJoins opens the namespaces to join, in the order of route.joins, and
// verifies that each is one, and of the type it should be. Our own user
// namespace is left out: to enter it again is EINVAL.
func openJoins(r route) (route, []int, error) {
	var fds []int
	var joins []join
	for _, j := range r.joins {
		fd, err := unix.Open(j.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return r, fds, &FieldError{j.field, fmt.Errorf("open: %w", err)}
		}
		fds = append(fds, fd)
		ours, err := checkJoin(fd, j)
		if err != nil {
			return r, fds, &FieldError{j.field, err}
		}
		if ours && j.kind.bit == newUser {
			fds = fds[:len(fds)-1]
			unix.Close(fd)
			r.root = r.newUser
			continue
		}
		joins = append(joins, j)
	}
	r.joins = joins
	return r, fds, nil
}

// checkJoin verifies an opened namespace and says whether we are in it.
func checkJoin(fd int, j join) (ours bool, err error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return false, fmt.Errorf("fstatfs: %w", err)
	}
	if fs.Type != unix.NSFS_MAGIC {
		return false, errors.New("is not a namespace")
	}
	bit, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
	if err != nil {
		return false, fmt.Errorf("ioctl NS_GET_NSTYPE: %w", err)
	}
	if set(bit) != j.kind.bit {
		return false, fmt.Errorf("is a namespace of another type: %s", set(bit))
	}
	var there, here unix.Stat_t
	if err := errors.Join(unix.Fstat(fd, &there), unix.Stat("/proc/self/ns/"+j.kind.file, &here)); err != nil {
		return false, fmt.Errorf("stat: %w", err)
	}
	ours = there.Dev == here.Dev && there.Ino == here.Ino
	if ours && j.own != "" {
		return ours, fmt.Errorf("is the namespace mini itself is in, and %s would change it", j.own)
	}
	return ours, nil
}

// Join is the plan for a process in all the namespaces of a running one, for
// exec: child is born in its own Cgroup if that is set, enters what is not ours
// already by one setns (Linux 5.8), and is root of the user namespace if that
// is not ours. pid and pidfd are the running process. Unlike Plan, Join asks
// the kernel, since what differs is known from nowhere else.
func Join(child *Child, pid int, pidfd *os.File) ([]Op, error) {
	target, err := differing(pid)
	if err != nil {
		return nil, err
	}
	// The pidfd is still of the process we just looked at, if it lives.
	if err := unix.PidfdSendSignal(int(pidfd.Fd()), 0, nil, 0); err != nil {
		return nil, fmt.Errorf("pidfd_send_signal: %w", err)
	}
	r := route{
		target: target, pidfd: pidfd,
		again: target != 0, root: target&newUser != 0, setgroups: true, cgroup: child.Cgroup != nil,
	}
	why := note{"", "Creates a process in the namespaces of the running one, all entered by one call (setns(2))"}
	return []Op{
		&clone{note: why, route: r, child: child, shell: joinShell(target)},
		newRelease("", r, child),
	}, nil
}

// differing is the set of namespaces in which pid is and we are not.
func differing(pid int) (set, error) {
	here, err := own()
	if err != nil {
		return 0, err
	}
	there, err := lookUp(fmt.Sprintf("/proc/%d/ns", pid))
	if err != nil {
		return 0, err
	}
	var s set
	for i, k := range kinds {
		switch {
		case here[i] == there[i]:
		case there[i] == "":
			return 0, fmt.Errorf("look at the %s namespace of process %d: %w", k.file, pid, unix.ENOENT)
		default:
			s |= k.bit
		}
	}
	return s, nil
}

// joinShell is a command that enters; the running process is "$pid" in it.
func joinShell(target set) string {
	return `nsenter --target "$pid" ` + target.words(" ", func(k kind) string { return k.option })
}
