package rootfs

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
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

func (o *makeScratch) Calls(l *calls.List) {
	fd := newFS(l, "tmpfs", o.params(), 0)
	o.dir.hold(fd)
	cover(l, fd.Arg())
}

func (o *makeScratch) Do() error { return calls.Do(o) }

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

func (o *attachLayer) Calls(l *calls.List) {
	s, from, name := o.scratch.fd(l, "scratch space"), o.from.fd(l, ""), layerName(o.number)
	l.Mkdirat(s, name, 0o700)
	l.MoveMount(from, "", s, name, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// layerName is a layer's name in the scratch space.
func layerName(number int) string { return "l" + strconv.Itoa(number) }

func (o *attachLayer) Do() error { return calls.Do(o) }

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
	first     int // its topmost layer there; the others follow, and then upper
	userxattr bool
	onebyone  bool // lowerdir+
	label     string
	made      slot
}

// Calls names the directories as they are seen from the scratch space, so that no
// name needs quoting, whatever the directories are called on the host.
func (o *mountOverlay) Calls(l *calls.List) {
	s := o.scratch.fd(l, "scratch space")
	for _, lower := range o.lowers {
		lower.fd(l, "layer "+lower.name)
	}
	if o.upper == nil {
		makeLike(l, s, o.upperDir(), o.lowers[len(o.lowers)-1].fd(l, ""))
		newDir(l, s, o.workDir(), 0o700)
	}
	l.Fchdir(s)
	o.made.hold(newFS(l, "overlay", o.params(), 0))
	l.Chdir("/")
}

func (o *mountOverlay) Do() error { return calls.Do(o) }

func (o *mountOverlay) params() []param {
	params := append(o.lowerParams(),
		param{key: "upperdir", value: o.upperDir()}, param{key: "workdir", value: o.workDir()})
	if o.userxattr {
		params = append(params, param{key: "userxattr", flag: true})
	}
	if o.label != "" {
		params = append(params, param{key: "context", value: o.label})
	}
	return append(params, param{key: "source", value: "overlay"})
}

func (o *mountOverlay) lowerParams() []param {
	names := make([]string, len(o.lowers))
	params := make([]param, len(o.lowers), len(o.lowers)+5)
	for i := range o.lowers {
		names[i] = layerName(o.first + i)
		params[i] = param{key: "lowerdir+", value: names[i]}
	}
	if !o.onebyone {
		return []param{{key: "lowerdir", value: strings.Join(names, ":")}}
	}
	return params
}

func (o *mountOverlay) upperDir() string { return o.writable("u", "upper") }
func (o *mountOverlay) workDir() string  { return o.writable("w", "work") }

// writable is a directory of this overlay in the scratch space, or one that keeps
// the changes.
func (o *mountOverlay) writable(made, kept string) string {
	if o.upper != nil {
		return layerName(o.first+len(o.lowers)) + "/" + kept
	}
	return made + strconv.Itoa(o.number)
}

// makeLike makes the upper directory with owner and mode of the lower one: an
// overlay shows those of the upper.
func makeLike(l *calls.List, dir calls.Arg, name string, model calls.Arg) {
	stat, _ := l.Fstat(model)
	uid, gid, mode := l.Load(stat.At(statUID)), l.Load(stat.At(statGID)), l.Load(stat.At(statMode))
	l.Mkdirat(dir, name, 0o700).Named("mkdirat " + name)
	// EINVAL: an owner that this user namespace has no number for; then root's.
	l.Call("fchownat "+name, unix.SYS_FCHOWNAT, dir, l.Text(name), uid.Arg(), gid.Arg(), calls.N(0)).Skip(unix.EINVAL, 0)
	// Of the mode the kernel takes the permissions only (chmod(2)).
	l.Call("fchmodat "+name, unix.SYS_FCHMODAT, dir, l.Text(name), mode.Arg())
}

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
