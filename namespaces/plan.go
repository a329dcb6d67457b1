package namespaces

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Plan turns a configuration into steps. It is pure; child is only remembered,
// as the cell through which the steps find the process.
//
// Errors are *FieldError, several of them joined if several settings are wrong.
func Plan(c Config, f Facts, child *Child) (Steps, error) {
	ns, err := choose(c.Namespaces, f.Missing)
	if err != nil {
		return Steps{}, err
	}
	ns.keep(newMount, "/root") // the caller pivots its root
	err = errors.Join(
		checkRights(f, ns),
		checkMappings(c, f, ns),
		checkOffsets(c.TimeOffsets, ns),
		checkNames(c, ns),
		checkSysctls(c, ns),
		checkDevices(c, f, ns),
	)
	if err != nil {
		return Steps{}, err
	}
	route := newRoute(ns, c.Cgroup)
	route.setgroups = ns.new&newUser == 0 || f.Setgroups(c.GIDMappings)
	spawn := []Op{&clone{
		note:  note{"/linux/namespaces", "Creates the process in its own view of the system, a few hundred bytes of code that do what they are told; it waits until what only the parent may write is written (clone(2), namespaces(7))"},
		route: route, child: child, shell: cloneShell(ns, c, route.setgroups),
	}}
	if ns.new&newUser != 0 {
		spawn = append(spawn, mapOps(c, f, child)...)
	}
	spawn = append(spawn, offsetOps(c, child)...)
	spawn = append(spawn, newRelease("/linux/namespaces", route, child))

	inside := append(nameOps(c), loOps(ns)...)
	return Steps{Spawn: spawn, Devices: deviceOps(c, child), Inside: append(inside, sysctlOps(c)...)}, nil
}

// route is how the process gets to where it should be: which namespace is made
// by which call, in time order.
type route struct {
	first  set      // by the flags of clone3
	joins  []join   // by setns, one by one
	target set      // by one setns on the pidfd of a process
	pidfd  *os.File // of that process
	early  set      // by unshare, before the parent writes maps and offsets
	late   set      // by unshare, as root of the user namespace

	again     bool // a second clone: pid and time take effect for children only
	newUser   bool // the parent writes id maps
	root      bool // the user namespace is not ours: become its root
	setgroups bool // and setgroups works in it
	cgroup    bool // the process is born in Child.Cgroup
}

// helper says whether another process has to be there first, which makes the one that
// is wanted: pid and time namespaces take effect for children only, and who makes a
// user namespace cannot execute anything in it before the maps are written.
func (r route) helper() bool { return r.again || r.newUser }

// newRoute decides who makes what, see the package comment for why.
func newRoute(ns *choice, cgroup bool) route {
	r := route{
		joins:   ns.joins,
		again:   len(ns.joins) > 0 || ns.new&newTime != 0,
		newUser: ns.new&newUser != 0,
		root:    ns.has(newUser),
		cgroup:  cgroup,
	}
	if r.again {
		r.early = ns.new & (newUser | newTime)
		r.late = ns.new &^ r.early
	} else {
		r.late = ns.new & (newIPC | newNet | newCgroup)
		r.first = ns.new &^ r.late
	}
	return r
}

// clone starts the first process, or the helper that will start it.
type clone struct {
	note
	route route
	child *Child
	shell string
}

func (c *clone) Do() error { return c.child.clone(c.route) }

func (c *clone) String() string {
	r := c.route
	words := []string{cloneText(r.first, r.cgroup) + ", execveat"}
	if r.helper() {
		words[0] = cloneText(0, r.cgroup) + ", execveat"
	}
	if r.target != 0 {
		words = append(words, fmt.Sprintf("setns(pidfd, %s)", r.target))
	}
	for _, j := range r.joins {
		words = append(words, fmt.Sprintf("join %s:%s", j.kind.file, j.path))
	}
	if r.early != 0 {
		words = append(words, fmt.Sprintf("unshare(%s)", r.early))
	}
	if r.newUser && !r.again {
		words = append(words, fmt.Sprintf("clone3(CLONE_PARENT|%s)", r.first))
	}
	return strings.Join(words, ", ")
}

func cloneText(s set, cgroup bool) string {
	var flags []string
	if s != 0 {
		flags = append(flags, s.String())
	}
	if cgroup {
		flags = append(flags, "CLONE_INTO_CGROUP")
	}
	return "clone3(" + strings.Join(flags, "|") + ")"
}

// Shell is the start of a command line; what follows is the program to run in
// the namespaces. It joins by nsenter(1) and makes the rest, clock offsets
// included, by unshare(1): what can be made before the maps are written is the
// user namespace alone. $pid is the process that waits for its release, which it
// tells on descriptor 8.
func (c *clone) Shell() string { return c.shell }

// cloneShell leaves the id maps to their own steps. Offsets lose their
// nanoseconds.
func cloneShell(ns *choice, c Config, setgroups bool) string {
	var words []string
	if len(ns.joins) > 0 {
		words = append(words, "nsenter", "--no-fork")
		for _, j := range ns.joins {
			words = append(words, j.kind.option+"="+quote(j.path))
		}
	}
	if ns.new&newUser != 0 {
		words = append(words, "unshare --user --keep-caps") // through the exec of a shell that has no id yet
	}
	words = append(words, `sh -c 'echo >&8; exec 8>&-; read -r _ <"$S"/go; exec "$@"' wait`)
	if ns.has(newUser) {
		words = append(words, becomeRoot(setgroups))
	}
	words = append(words, "unshare --fork")
	for _, k := range (ns.new &^ newUser).kinds() {
		words = append(words, k.option)
	}
	if ns.new&newMount != 0 {
		words = append(words, "--propagation unchanged") // that is a step of its own
	}
	return strings.Join(append(words, offsetOptions(c.TimeOffsets)...), " ")
}

// becomeRoot is setpriv(1) for root of a user namespace, whose is what the
// process makes from then on.
func becomeRoot(setgroups bool) string {
	if !setgroups {
		return "setpriv --reuid 0 --regid 0 --keep-groups"
	}
	return "setpriv --reuid 0 --regid 0 --clear-groups"
}

// release lets the process go on. Nothing could be let go
// earlier: a process without maps is nobody, and what it made as nobody would
// stay nobody's.
type release struct {
	note
	route route
	child *Child
}

func newRelease(field string, r route, child *Child) *release {
	why := "Has the process make the namespaces that are left (unshare(2))"
	if r.root {
		why = "Has the process become root of its user namespace, and make what that root is to own (setresuid(2), unshare(2))"
	}
	if r.again {
		why += ", and start the one that is in all of them, as our child (clone(2), CLONE_PARENT)"
	}
	return &release{note: note{field, why}, route: r, child: child}
}

func (r *release) Do() error { return r.child.release(r.route) }

func (r *release) String() string {
	var words []string
	if r.route.root {
		words = append(words, "setresuid 0")
	}
	if r.route.late != 0 {
		words = append(words, fmt.Sprintf("unshare(%s)", r.route.late))
	}
	if r.route.again {
		words = append(words, "clone3(CLONE_PARENT)")
	}
	if words == nil {
		return "go on"
	}
	return strings.Join(words, ", ")
}

// Shell is the word that the waiting shell reads.
func (r *release) Shell() string { return `echo go > "$S"/go` }
