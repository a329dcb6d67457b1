package process

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"
)

// workdir is shared by the two attempts to enter the working directory.
type workdir struct {
	path    string
	make    bool // if it is missing
	entered bool
}

// enterAsRoot comes before the change of user: a user may be started in a
// directory that only root can enter.
type enterAsRoot struct {
	note
	dir *workdir
}

func (o enterAsRoot) Do() error {
	err := o.dir.enter()
	if errors.Is(err, unix.ENOENT) && o.dir.make {
		if err = makeDirs(o.dir.path); err == nil {
			err = o.dir.enter()
		}
	}
	if errors.Is(err, unix.EACCES) {
		return nil // not root's, as on NFS: the user tries
	}
	return err
}

func (o enterAsRoot) String() string { return "chdir " + o.dir.path }
func (o enterAsRoot) Shell() string {
	dir := quote(o.dir.path)
	if !o.dir.make {
		return "cd " + dir
	}
	return "[ -d " + dir + " ] || mkdir -p " + dir + "\ncd " + dir
}

// enterAsUser is the second attempt, for a directory that root was kept out of.
type enterAsUser struct {
	note
	dir *workdir
}

func (o enterAsUser) Do() error {
	if o.dir.entered {
		return nil
	}
	return o.dir.enter()
}

func (o enterAsUser) String() string {
	return "chdir " + o.dir.path + " as the user, if root could not"
}

// enter does not follow the magic links of /proc, which can lead out of the
// container (CVE-2024-21626), and believes the kernel alone that it is inside.
func (w *workdir) enter() error {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, w.path, &how)
	if errors.Is(err, unix.ELOOP) {
		return fmt.Errorf("%s leads through a magic link of /proc: %w", w.path, err)
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Fchdir(fd); err != nil {
		return err
	}
	if err := insideRoot(); err != nil {
		return err
	}
	w.entered = true
	return nil
}

// errOutside is a working directory that cannot be reached from the root.
var errOutside = errors.New("working directory is outside the container's root")

// insideRoot asks getcwd(2), which puts "(unreachable)" in front of a path that
// does not begin at the root; the wrapper turns that into ENOENT.
func insideRoot() error {
	wd, err := unix.Getwd()
	if errors.Is(err, unix.ENOENT) || err == nil && !path.IsAbs(wd) {
		return fmt.Errorf("%w: %w", errOutside, unix.EXDEV)
	}
	return err
}

// makeDirs makes the missing directories of an absolute path. A component in
// the way is reported by the attempt to enter.
func makeDirs(name string) error {
	parent := path.Dir(name)
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, parent, &how)
	if errors.Is(err, unix.ENOENT) && parent != name {
		if err := makeDirs(parent); err != nil {
			return err
		}
		fd, err = unix.Openat2(unix.AT_FDCWD, parent, &how)
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Mkdirat(fd, path.Base(name), 0o755); err != nil && err != unix.EEXIST {
		return fmt.Errorf("mkdir %s: %w", name, err)
	}
	return nil
}
