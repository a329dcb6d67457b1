package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// RemoveWork removes the work directory of an overlay after its container has
// ended, with what the kernel leaves in it. That there is none is no error; that
// something else lies in it is (ENOTEMPTY).
func RemoveWork(dir string) error {
	above, err := os.OpenRoot(path.Dir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer above.Close()
	for _, name := range []string{"work", "index", ""} {
		name = path.Join(path.Base(dir), name)
		if err := dropTemporary(above, name); err != nil {
			return err
		}
		if err := unix.Rmdir(path.Join(path.Dir(dir), name)); err != nil && err != unix.ENOENT {
			return fmt.Errorf("rmdir %s: %w", name, err)
		}
	}
	return nil
}

// dropTemporary removes the files that the kernel names by # and a number: one
// is the whiteout that all others are links to, which it would clear away at the
// next mount only (fs/overlayfs/dir.c).
func dropTemporary(above *os.Root, name string) error {
	// The kernel makes the directory with mode 0; that is no obstacle to root.
	_ = above.Chmod(name, 0o700)
	dir, err := above.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, n := range names {
		if !strings.HasPrefix(n, "#") {
			continue
		}
		if err := above.RemoveAll(path.Join(name, n)); err != nil {
			return err
		}
	}
	return nil
}
