package rootfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// kernelDirs are where the kernel's own file systems are mounted, and where most of
// what is masked lies.
var kernelDirs = []string{"/proc", "/sys"}

// keep remembers what was mounted on one of kernelDirs, so that paths below it are
// resolved from the mount itself and not by its name: whoever can write to the root
// directory could put a link there afterwards, and masks would lie on files of the
// image, while the kernel's stayed bare (CVE-2023-27561).
func (t *tree) keep(dest string, fd int) error {
	if !slices.Contains(kernelDirs, dest) {
		return nil
	}
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return fmt.Errorf("fcntl F_DUPFD_CLOEXEC: %w", err)
	}
	if t.kernel == nil {
		t.kernel = map[string]int{}
	}
	if old, had := t.kernel[dest]; had {
		unix.Close(old)
	}
	t.kernel[dest] = own
	return nil
}

// openFixed is open for a path that must be the one it was when its mount was made.
func (t *tree) openFixed(name string) (int, error) {
	fd, err := t.below(name)
	if errors.Is(err, errNotKept) {
		return t.open(name, 0, 0)
	}
	return fd, err
}

var errNotKept = errors.New("lies in no mount that was kept")

// below opens a path from the mount of kernelDirs that it lies in.
func (t *tree) below(name string) (int, error) {
	for _, dir := range kernelDirs {
		mount, kept := t.kernel[dir]
		if rest, is := strings.CutPrefix(name, dir+"/"); kept && is {
			return openBelow(mount, rest)
		}
	}
	return -1, errNotKept
}

// openPoint is openOrMake, but from the mount itself where the mount point lies in
// one that was kept and is there.
func (t *tree) openPoint(name string, dir bool, resolve uint64) (int, error) {
	fd, err := t.below(name)
	if errors.Is(err, errNotKept) || errors.Is(err, unix.ENOENT) {
		return t.openOrMake(name, dir, resolve)
	}
	return fd, err
}

func openBelow(dir int, name string) (int, error) {
	fd, err := unix.Openat2(dir, name, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return -1, fmt.Errorf("openat2: %w", err)
	}
	return fd, nil
}
