package rootfs

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// walk goes through the new root call by call, and waits for each: for what the
// straight list of a tree could not do, while that list waits.
type walk struct {
	list    *calls.List // this walk's are beside it
	from    calls.Arg   // the directory that paths start from, and cannot leave
	resolve uint64      // RESOLVE_*
}

// how is the way that paths in the container are resolved: see tree.open.
func how(flags int, resolve uint64) unix.OpenHow {
	return unix.OpenHow{Flags: uint64(unix.O_PATH | unix.O_CLOEXEC | flags), Resolve: unix.RESOLVE_NO_MAGICLINKS | resolve}
}

// open opens a path.
func (w walk) open(name string, flags int) (fd int, err error) {
	err = patiently(func() error {
		fd, err = w.list.Beside().Openat2(w.from, name, how(flags, w.resolve)).Value()
		return err
	})
	return fd, err
}

// patiently calls what openat2 is part of again if there was a rename somewhere while
// ".." was resolved (EAGAIN, openat2(2)).
func patiently(do func() error) error {
	for try := 0; ; try++ {
		err := do()
		if !errors.Is(err, unix.EINTR) && (!errors.Is(err, unix.EAGAIN) || try > 64) {
			return err
		}
	}
}

// maxLinks is how many symbolic links a path may go through (path_resolution(7)).
const maxLinks = 40

// openOrMake is open for a mount point. What is missing is made on the way,
// directories and at the end a directory or an empty file, where dangling
// links point as well: /etc/resolv.conf is such a link on many a host.
func (w walk) openOrMake(name string, dir bool) (int, error) {
	fd, err := w.open(name, 0)
	if !errors.Is(err, unix.ENOENT) {
		return fd, err
	}
	at, todo := "/", strings.Split(name, "/")
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		target, err := w.step(at, part, dir || strings.Join(todo, "") != "")
		switch {
		case err != nil:
			return -1, err
		case target == "":
			at = path.Join(at, part)
			continue
		case links == maxLinks:
			return -1, unix.ELOOP
		case target[0] == '/':
			at = "/"
		}
		links++
		todo = append(strings.Split(target, "/"), todo...)
	}
	return w.open(at, 0)
}

// step makes one component of a path if it is missing, and returns the target
// if it is a symbolic link.
func (w walk) step(at, part string, dir bool) (target string, err error) {
	if part == "" || part == "." || part == ".." {
		return "", nil
	}
	fd, err := w.open(path.Join(at, part), unix.O_NOFOLLOW)
	if errors.Is(err, unix.ENOENT) {
		return "", w.make(at, part, dir)
	}
	if err != nil {
		return "", err
	}
	l := w.list.Beside()
	link := l.Space(unix.PathMax)
	n := l.Readlinkat(calls.N(fd), "", link).Skip(0, 0) // ENOENT: no link (readlink(2), empty pathname)
	l.Close(calls.N(fd))
	if err := l.Flush(); err != nil || n.Result() < 0 {
		return "", err
	}
	return string(link.Begin(n.Result())), nil
}

// make makes a directory or an empty file. That it exists by now is no error:
// whoever made it could have done so before.
func (w walk) make(at, part string, dir bool) error {
	return patiently(func() error {
		l := w.list.Beside()
		parent := l.Openat2(w.from, at, how(unix.O_DIRECTORY, unix.RESOLVE_IN_ROOT)).Arg()
		what, r := "mkdirat ", calls.Ref{}
		if dir {
			r = l.Mkdirat(parent, part, 0o755)
		} else {
			what, r = "mknodat ", l.Mknodat(parent, part, unix.S_IFREG|0o644, 0)
		}
		r.Named(what+path.Join(at, part)).Skip(unix.EEXIST, 0)
		l.Close(parent)
		return l.Flush()
	})
}
