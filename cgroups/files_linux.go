package cgroups

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// The system calls on cgroup files: every name is relative to a descriptor of
// its cgroup, which was checked to be on cgroup2. A cgroup has no symlinks.

// openDir opens a directory below at (unix.AT_FDCWD for an absolute path) and
// makes sure that it is a cgroup of v2.
func openDir(at int, name string) (*os.File, error) {
	fd, err := openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("fstatfs %s: %w", name, err)
	}
	if fs.Type != unix.CGROUP2_SUPER_MAGIC {
		unix.Close(fd)
		return nil, fmt.Errorf("%s is not on cgroup2: %w", name, unix.EINVAL)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// openat retries, as opening a kernfs file may sleep and Go's preemption is a
// signal.
func openat(at int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(at, name, flags|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// writeFile writes value by one write(2): the kernel takes each as a whole.
func writeFile(dir *os.File, name, value string) error {
	fd, err := openat(int(dir.Fd()), name, unix.O_WRONLY)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	defer unix.Close(fd)
	for {
		n, err := unix.Write(fd, []byte(value))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("write %s: %w", name, err)
		case n != len(value):
			return fmt.Errorf("write %s: %d of %d bytes taken: %w", name, n, len(value), unix.EIO)
		}
		return nil
	}
}

func readFile(dir *os.File, name string) (string, error) { return readAt(int(dir.Fd()), name) }

// readPath reads a file of the host's, of /proc or of a cgroup.
func readPath(name string) (string, error) { return readAt(unix.AT_FDCWD, name) }

func readAt(dir int, name string) (string, error) {
	fd, err := openat(dir, name, unix.O_RDONLY)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", name, err)
	}
	defer unix.Close(fd)
	text, err := readAll(fd, 0)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return text, nil
}

// readAll reads from offset to the end.
func readAll(fd int, offset int64) (string, error) {
	var text []byte
	buf := make([]byte, 4096)
	for {
		n, err := unix.Pread(fd, buf, offset+int64(len(text)))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return "", err
		case n == 0:
			return string(text), nil
		default:
			text = append(text, buf[:n]...)
		}
	}
}
