package rootfs

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// kernelDirs are where the kernel's own file systems are mounted, and where most of
// what is masked lies.
var kernelDirs = []string{"/proc", "/sys"}

// keep remembers what was mounted on one of kernelDirs, so that paths below it are
// resolved from the mount itself and not by its name: whoever can write to the root
// directory could put a link there afterwards, and masks would lie on files of the
// image, while the kernel's stayed bare (CVE-2023-27561).
func (t *tree) keep(l *calls.List, p point) {
	if !slices.Contains(kernelDirs, p.name) {
		return
	}
	if t.kernel == nil {
		t.kernel = map[string]calls.Arg{}
	}
	if old, had := t.kernel[p.name]; had {
		l.Close(old)
	}
	t.kernel[p.name] = l.Dup(p.from, 3).Arg()
}

// fixed says where a walk to a path begins that must be the one it was when its
// mount was made, and the path from there: the mount of kernelDirs that it
// lies in, which it must not leave, or the root.
func (t *tree) fixed(l *calls.List, name string) (w walk, rest string, kept bool) {
	for _, dir := range kernelDirs {
		mount, kept := t.kernel[dir]
		if rest, is := strings.CutPrefix(name, dir+"/"); kept && is {
			return walk{l, mount, unix.RESOLVE_BENEATH}, rest, true
		}
	}
	return t.rooted(l, 0), name, false
}

// openFixed opens such a path.
func (t *tree) openFixed(l *calls.List, name string) calls.Arg {
	w, rest, _ := t.fixed(l, name)
	r := l.Openat2(w.from, rest, how(0, w.resolve))
	orWalk(r, func() (int, error) { return w.open(rest, 0) }, busy...)
	return r.Arg()
}

// openPresent is openFixed for a path that need not be there: if it is not, the
// result is below 0, and everything up to the call of end is passed over.
func (t *tree) openPresent(l *calls.List, name string, flags int) (fd calls.Ref, end func()) {
	w, rest, _ := t.fixed(l, name)
	r := l.Openat2(w.from, rest, how(flags, w.resolve))
	r.Else(unix.ENOTDIR, func(unix.Errno) error {
		r.Set(-int(unix.ENOTDIR))
		r.Pass()
		return nil
	})
	orWalk(r, func() (int, error) {
		fd, err := w.open(rest, flags)
		if missing(err) {
			r.Pass()
			return -int(unix.ENOTDIR), nil
		}
		return fd, err
	}, busy...)
	return r, func() { r.SkipTo(unix.ENOENT) }
}

// openPoint is openOrMake, but from the mount itself where the mount point lies in
// one that was kept and is there.
func (t *tree) openPoint(l *calls.List, p point) calls.Arg {
	w, rest, kept := t.fixed(l, p.name)
	if !kept {
		return t.openOrMake(l, p)
	}
	r := l.Openat2(w.from, rest, how(0, w.resolve))
	whole := t.rooted(l, p.resolve)
	orWalk(r, func() (int, error) { return whole.make1(p) }, unix.ENOENT)
	orWalk(r, func() (int, error) { return w.open(rest, 0) }, busy...)
	return r.Arg()
}
