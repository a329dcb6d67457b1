package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// openTree opens a host path as a detached mount and gives it its attributes.
type openTree struct {
	note
	name, path string // as the configuration writes it, and absolute
	words      []string
	recursive  bool
	calls      []setattr
	node       *device // what must be found there; nil: anything
	to         *slot
}

func (o *openTree) Calls(l *calls.List) {
	fd := cloneTree(l, calls.CWD, o.path, o.recursive)
	o.to.hold(fd)
	if o.node != nil {
		o.node.check(l, fd.Arg())
	}
	apply(l, fd.Arg(), o.calls)
}

func (o *openTree) Do() error { return calls.Do(o) }

func (o *openTree) String() string {
	notes := o.shown()
	if o.idmapped() {
		notes = append(notes, "idmapped")
	}
	return "open_tree " + o.name + inBrackets(notes)
}

// shown is what people are told of the mount: its words and its extent.
func (o *openTree) shown() []string {
	notes := make([]string, 0, len(o.words)+2)
	for _, w := range o.words {
		if w != "idmap" && w != "ridmap" {
			notes = append(notes, w)
		}
	}
	if o.recursive {
		notes = append(notes, "recursive")
	}
	return notes
}

func (o *openTree) idmapped() bool {
	for _, c := range o.calls {
		if c.userns != nil {
			return true
		}
	}
	return false
}

// Shell attaches the mount below $L, where the host's tree is still in sight: a
// shell cannot hold one that is attached nowhere. Device nodes do without; they
// are bound by their path.
func (o *openTree) Shell() string {
	if o.node != nil {
		return ""
	}
	line := "if [ -d " + quote(o.path) + " ]; then mkdir " + o.to.shell + "; else : >" + o.to.shell + "; fi\n" + shellMount(bindFlag(o.recursive), nil, quote(o.path), o.to.shell)
	for _, c := range o.calls {
		if c.userns != nil {
			line += "\n" + shellIdmap(o.to.shell, c)
		}
	}
	return line
}

// shellIdmap calls a function of the script, since mount(8) can idmap only
// since util-linux 2.39.
func shellIdmap(place string, c setattr) string {
	line := "idmap " + place + " " + c.userns.shell
	if c.recursive {
		line += " recursive"
	}
	return line
}

// shellOptions are the words for mount(8), after bind or rbind.
func (o *openTree) shellOptions() []string {
	var list []string
	for _, w := range o.words {
		if w != "idmap" && w != "ridmap" {
			list = append(list, recursiveWord(w))
		}
	}
	return list
}

// recursiveWord spells rro as util-linux does since 2.39: ro=recursive.
func recursiveWord(name string) string {
	if w := wordOf(name); w != nil && w.tree && w.propagation == 0 {
		return name[1:] + "=recursive"
	}
	return name
}

// openUserNS opens the user namespace of init.
type openUserNS struct {
	note
	pid *int
	to  *slot
}

var errNoPid = errors.New("there is no init process yet")

func (o *openUserNS) Do() error {
	if o.pid == nil || *o.pid <= 0 {
		return errNoPid
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(*o.pid)+"/ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	o.to.set(fd)
	return nil
}

func (o *openUserNS) String() string { return "open user namespace of init" }
func (o *openUserNS) Shell() string  { return "" }

// makeUpper makes the directories of an overlay that keeps its changes.
type makeUpper struct {
	note
	name, path string
	model      string // the host directory whose mode the new root's is to be
}

func (o *makeUpper) Do() error {
	fd, err := unix.Open(o.path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Stat(o.model, &st); err != nil {
		return fmt.Errorf("stat %s: %w", o.model, err)
	}
	if err := makeDir(fd, "upper", st.Mode&0o7777); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	if err := makeDir(fd, "work", 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	return nil
}

// Journal names what RemoveWork removes again; upper is the user's to keep.
func (o *makeUpper) Journal() string { return "overlay-work " + path.Join(o.path, "work") }
func (o *makeUpper) Undo() error     { return RemoveWork(path.Join(o.path, "work")) }
func (o *makeUpper) String() string  { return "mkdir " + o.name + "/upper " + o.name + "/work" }

func (o *makeUpper) Shell() string {
	return "mkdir -p " + quote(path.Join(o.path, "upper")) + " " + quote(path.Join(o.path, "work"))
}

// makeDir is newDir by this process: it makes a directory with exactly this mode, whatever the umask.
func makeDir(dir int, name string, mode uint32) error {
	if err := unix.Mkdirat(dir, name, mode); err != nil {
		return fmt.Errorf("mkdirat %s: %w", name, err)
	}
	if err := unix.Fchmodat(dir, name, mode, 0); err != nil {
		return fmt.Errorf("fchmodat %s: %w", name, err)
	}
	return nil
}
