package rootfs

import (
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// setPropagation sets the propagation of all that init sees of the host.
type setPropagation struct {
	note
	mode propagationMode
}

func (o *setPropagation) Calls(l *calls.List) {
	l.MountSetattr(calls.CWD, "/", unix.AT_RECURSIVE, unix.MountAttr{Propagation: o.mode.kind}, calls.Arg{})
}

func (o *setPropagation) Do() error      { return calls.Do(o) }
func (o *setPropagation) String() string { return "propagation of / (" + o.mode.word + ")" }
func (o *setPropagation) Shell() string  { return "mount --make-" + o.mode.word + " /" }

// dropScratch takes the topmost mount off "/", which is the scratch space, and
// the layers below it.
type dropScratch struct{ note }

func (o *dropScratch) Calls(l *calls.List) { l.Umount2("/", unix.MNT_DETACH) }
func (o *dropScratch) Do() error           { return calls.Do(o) }

func (o *dropScratch) String() string { return "umount scratch space (MNT_DETACH)" }
func (o *dropScratch) Shell() string  { return `umount -l "$S"` }

// enterRoot puts the new root over "/" and keeps its descriptor, from which
// every path in the container is resolved from now on.
type enterRoot struct {
	note
	name string // what it is
	from *slot
	tree *tree
}

func (o *enterRoot) Calls(l *calls.List) {
	cover(l, o.from.fd(l, ""))
	o.tree.root = o.from
}

func (o *enterRoot) Do() error { return calls.Do(o) }

func (o *enterRoot) String() string { return "attach " + o.name + " as the new root" }

// Shell is empty for an overlay, which the shell has mounted in its place.
func (o *enterRoot) Shell() string {
	if o.from.shell == "" {
		return ""
	}
	return "mount --rbind " + o.from.shell + ` "$R"`
}

// rootAttrs sets attributes of the root mount itself, in its final state.
type rootAttrs struct {
	note
	words []string
	call  setattr
	tree  *tree
}

func (o *rootAttrs) Calls(l *calls.List) { o.call.apply(l, o.tree.fd(l)) }
func (o *rootAttrs) Do() error           { return calls.Do(o) }

func (o *rootAttrs) String() string { return "remount /" + inBrackets(o.words) }

func (o *rootAttrs) Shell() string {
	if o.call.attr.Propagation != 0 {
		return "mount --make-" + o.words[0] + ` "$R"`
	}
	return shellMount("", append([]string{"remount", "bind"}, o.words...), "", `"$R"`)
}
