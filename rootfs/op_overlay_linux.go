package rootfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// scratchDir is a tmpfs for the directories of the overlays, in init: a cell
// that makeScratch fills.
type scratchDir struct {
	slot
	layers int // planned in it so far
}

// makeScratch mounts the scratch space over "/". Absolute paths go on to mean
// the host's tree beneath: a process's root is not looked up again.
type makeScratch struct {
	note
	size uint64
	dir  *scratchDir
}

func (o *makeScratch) Do() error {
	fd, err := newFS("tmpfs", o.params(), 0)
	if err != nil {
		return err
	}
	o.dir.set(fd)
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, "/", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	return nil
}

func (o *makeScratch) params() []param {
	list := []param{{key: "mode", value: "0700"}}
	if o.size > 0 {
		list = append(list, param{key: "size", value: strconv.FormatUint(o.size, 10)})
	}
	return list
}

func (o *makeScratch) words() []string {
	var list []string
	for _, p := range o.params() {
		list = append(list, p.key+"="+p.value)
	}
	return list
}

func (o *makeScratch) String() string {
	return "mount tmpfs as scratch space" + inBrackets(o.words())
}
func (o *makeScratch) Shell() string { return shellMount("-t tmpfs", o.words(), "tmpfs", `"$S"`) }

// attachLayer attaches a layer below the scratch space.
type attachLayer struct {
	note
	name    string
	from    *slot
	scratch *scratchDir
	number  int
}

func (o *attachLayer) Do() error {
	s, err := o.scratch.fd()
	if err != nil {
		return fmt.Errorf("scratch space: %w", err)
	}
	from, err := o.from.fd()
	if err != nil {
		return err
	}
	name := "l" + strconv.Itoa(o.number)
	if err := unix.Mkdirat(s, name, 0o700); err != nil {
		return fmt.Errorf("mkdirat: %w", err)
	}
	if err := unix.MoveMount(from, "", s, name, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	return nil
}

func (o *attachLayer) String() string { return "attach layer " + o.name }
func (o *attachLayer) Shell() string  { return "" }

// mountOverlay makes an overlay, not attached yet.
type mountOverlay struct {
	note
	dest      string // where it will be attached, for people
	lowers    []layer
	upper     *slot // holds upper/ and work/; nil: they are made in scratch
	upperName string
	scratch   *scratchDir
	number    int // which overlay of this scratch space
	userxattr bool
	onebyone  bool // lowerdir+
	label     string
	made      slot
}

func (o *mountOverlay) Do() error {
	params, err := o.lowerParams()
	if err != nil {
		return err
	}
	upper, work, err := o.writable()
	if err != nil {
		return err
	}
	params = append(params, param{key: "upperdir", value: upper}, param{key: "workdir", value: work})
	if o.userxattr {
		params = append(params, param{key: "userxattr", flag: true})
	}
	if o.label != "" {
		params = append(params, param{key: "context", value: o.label})
	}
	fd, err := newFS("overlay", append(params, param{key: "source", value: "overlay"}), 0)
	if err != nil {
		return err
	}
	o.made.set(fd)
	return nil
}

// lowerParams names the layers by their descriptors, whose paths need no
// quoting, whatever the directories are called.
func (o *mountOverlay) lowerParams() ([]param, error) {
	var paths []string
	for _, l := range o.lowers {
		fd, err := l.fd()
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", l.name, err)
		}
		paths = append(paths, fdPath(fd))
	}
	if !o.onebyone {
		return []param{{key: "lowerdir", value: strings.Join(paths, ":")}}, nil
	}
	params := make([]param, 0, len(paths)+4)
	for _, p := range paths {
		params = append(params, param{key: "lowerdir+", value: p})
	}
	return params, nil
}

// writable names the upper and the work directory.
func (o *mountOverlay) writable() (upper, work string, err error) {
	if o.upper != nil {
		fd, err := o.upper.fd()
		if err != nil {
			return "", "", fmt.Errorf("upper directory: %w", err)
		}
		return fdPath(fd) + "/upper", fdPath(fd) + "/work", nil
	}
	s, err := o.scratch.fd()
	if err != nil {
		return "", "", fmt.Errorf("scratch space: %w", err)
	}
	lower, err := o.lowers[len(o.lowers)-1].fd()
	if err != nil {
		return "", "", err
	}
	n := strconv.Itoa(o.number)
	if err := makeLike(s, "u"+n, lower); err != nil {
		return "", "", err
	}
	return fdPath(s) + "/u" + n, fdPath(s) + "/w" + n, makeDir(s, "w"+n, 0o700)
}

// makeLike makes the upper directory with owner and mode of the lower one: an
// overlay shows those of the upper.
func makeLike(dir int, name string, model int) error {
	var st unix.Stat_t
	if err := unix.Fstat(model, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if err := unix.Mkdirat(dir, name, 0o700); err != nil {
		return fmt.Errorf("mkdirat %s: %w", name, err)
	}
	if st.Uid != 0 || st.Gid != 0 {
		// EINVAL: an owner that this user namespace has no number for; then root's.
		if err := unix.Fchownat(dir, name, int(st.Uid), int(st.Gid), 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("fchownat %s: %w", name, err)
		}
	}
	if err := unix.Fchmodat(dir, name, st.Mode&0o7777, 0); err != nil {
		return fmt.Errorf("fchmodat %s: %w", name, err)
	}
	return nil
}

func fdPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

func (o *mountOverlay) String() string {
	names := make([]string, len(o.lowers))
	for i, l := range o.lowers {
		names[i] = l.name
	}
	upper := "tmpfs"
	if o.upper != nil {
		upper = o.upperName
	}
	return fmt.Sprintf("overlay on %s (lower=%s,upper=%s)", o.dest, strings.Join(names, ":"), upper)
}

// Shell has the mount where it will be: a shell has no detached ones.
func (o *mountOverlay) Shell() string {
	names := make([]string, len(o.lowers))
	for i, l := range o.lowers {
		names[i] = l.shell
	}
	n := strconv.Itoa(o.number)
	upper, work, prepare := `"$S"/u`+n, `"$S"/w`+n, ""
	if o.upper != nil {
		upper, work = o.upper.shell+"/upper", o.upper.shell+"/work"
	} else {
		lower := names[len(names)-1]
		prepare = "mkdir " + upper + " " + work + " && chmod \"$(stat -c %a " + lower + ")\" " + upper + " && "
	}
	if o.dest != "/" {
		prepare += "mkdir -p " + inRoot(o.dest) + " && "
	}
	line := prepare + "mount -t overlay -o lowerdir=" + strings.Join(names, ":") +
		",upperdir=" + upper + ",workdir=" + work
	if o.userxattr {
		line += ",userxattr"
	}
	return line + " overlay " + inRoot(o.dest)
}
