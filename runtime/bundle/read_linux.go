package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// maxConfig bounds config.json, in bytes. The largest seen in the field, with a
// full seccomp profile and hundreds of mounts, are below one MiB.
const maxConfig = 16 << 20

// read returns the content of the bundle's config.json.
//
// Raw calls, since os.Open would set up Go's poller (four system calls) for a
// file that never needs it. O_NONBLOCK: a FIFO of that name must not hang us.
func read(dir string) ([]byte, error) {
	path := filepath.Join(dir, ConfigName)
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, explain(dir, err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("stat %s: %w", path, err)
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, fmt.Errorf("read %s: not a regular file", path)
	case st.Size > maxConfig:
		return nil, fmt.Errorf("read %s: %d bytes, more than the %d that mini accepts", path, st.Size, maxConfig)
	}
	return readFull(fd, path, make([]byte, st.Size))
}

// readFull fills b, or less of it if the file was cut short meanwhile.
func readFull(fd int, path string, b []byte) ([]byte, error) {
	n := 0
	for n < len(b) {
		m, err := unix.Read(fd, b[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if m == 0 {
			break
		}
		n += m
	}
	return b[:n], nil
}

// explain says why there is no config.json to open.
func explain(dir string, cause error) error {
	st, err := os.Stat(dir)
	var errno unix.Errno
	switch {
	case errors.As(err, &errno):
		return fmt.Errorf("open bundle %s: %w", dir, errno)
	case err != nil:
		return fmt.Errorf("open bundle %s: %w", dir, err)
	case !st.IsDir():
		return fmt.Errorf("open bundle %s: a bundle is a directory with a %s in it: %w", dir, ConfigName, unix.ENOTDIR)
	case !errors.Is(cause, unix.ENOENT):
		return fmt.Errorf("open %s: %w", filepath.Join(dir, ConfigName), cause)
	}
	return fmt.Errorf("open bundle %s: no %s in it, %s (mini spec writes one): %w", dir, ConfigName, contents(dir), cause)
}

// contents names a few entries of dir.
func contents(dir string) string {
	const few = 8
	f, err := os.Open(dir)
	if err != nil {
		return "and it cannot be listed"
	}
	defer f.Close()
	names, _ := f.Readdirnames(few + 1) // no names at all reads as empty, which is near enough
	switch {
	case len(names) == 0:
		return "it is empty"
	case len(names) > few:
		return "only " + strings.Join(names[:few], ", ") + ", …"
	}
	return "only " + strings.Join(names, ", ")
}
