package runtime

import (
	"cmp"
	"os"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/namespaces"
	"mini/rootfs"
	"mini/runtime/process"
	"mini/runtime/state"
	"mini/runtime/stdio"
)

// Config is what a container is to be made of. Spec and its JSON are the same
// thing twice: the second is what is kept of it.
type Config struct {
	ID         string
	Root       string      // where the containers' directories are: /run/mini
	Bundle     string      // absolute
	Spec       *specs.Spec `json:"-"`
	JSON       []byte      `json:"-" wire:"-"`
	Overlay    *Overlay
	Submounts  []string       // mounts of the host below the root that the overlay shall show
	Pieces     []rootfs.Piece // what an ordinary user's overlay is made of instead
	Init       bool           // a reaping pid 1 before the program
	Supervised bool           // the container dies with the process that made it
	Adoptable  bool           // no, it waits for another one to take it over
	Net        *Host          `json:",omitempty"` // whose network it shares; nil: as Spec says
	// KeepOverlay lets a restart go on with the changes of the run before, which
	// are kept in the container's directory.
	KeepOverlay bool
	Attached    bool // its terminal is relayed to the one we were called from

	Keep          bool     // when it has ended it is there until it is deleted, though nobody supervises it
	Kept          bool     // its directory is its supervisor's: it is there before a run, and stays
	Detached      bool     // mini does not stay: it leaves the terminal to Handover.ConsoleSocket
	SystemdCgroup bool     // systemd makes the cgroup
	KeepKeyring   bool     // the program gets the caller's session keyring
	Env           []string // added to the process's, for the first one only: LISTEN_FDS …
	Fds           int      // so many of the caller's descriptors, from 3 on, stay open for the program
	Handover      Handover
	Entered       bool    // probes will be run in it: it needs a cgroup, to end all that they start
	Notify        *Notify `json:",omitempty"` // nil: the program has no socket to report to
	Filter        *Filter `json:"-"`          // of Spec; nil: it is not compiled yet
}

// Overlay asks for a copy-on-write view of the root.
type Overlay = rootfs.Overlay

// Plan is the whole set-up of one container in the order of its steps. The
// parent and init make the same plan, and each does its own stages. What the
// steps hand on to each other is in cells that they share.
type Plan struct {
	Steps    []Step
	Warnings []Warning

	config   Config
	std      [3]*os.File // 0, 1 and 2 of init; ours, if not set
	facts    Facts
	joined   bool // of a further process: the container is there
	dir      *state.Dir
	gate     *listen
	notify   *listenNotify // nil: nobody listens to the program
	child    *namespaces.Child
	group    *cgroups.Group
	keeper   *keeper // of a scope of systemd's
	sources  *rootfs.Sources
	reaper   *process.Reaper
	terminal *stdio.Terminal
	agent    *process.Listener // of seccomp, nil: nobody is asked
	needsGo  bool              // a step inside is not system calls
	root     *enterRoot        // of a further process; nil: its mount namespace has one
	before   []Op              // of a further process: what comes before it is cloned
	words    process.Words     // to say why the last stage has failed
	letGo    []Op              // the end of Spawn: the process is let go
	looks    bool              // what the program is started with is read inside first
	seal     []Op              // what rootfs does when nothing has to be made below / any more
}

// Warning is something that is done otherwise than the configuration says, or
// not at all, without harm.
type Warning struct{ Field, Text string }

func (w Warning) String() string { return "warning: " + w.Text + " [" + w.Field + "]" }

// NewPlan decides every step. It is pure: what it knows of the host is in f.
// An error here has touched nothing.
func NewPlan(c Config, f Facts) (*Plan, error) {
	dir, err := state.At(c.Root, c.ID)
	if err != nil {
		return nil, err
	}
	p := &Plan{config: c, facts: f, dir: dir, child: &namespaces.Child{}}
	// Within a stage the steps keep the order of these lines.
	for _, part := range []func() error{
		p.directory, p.hearing, p.cgroup, p.shut, p.hooks, p.rootfs, p.namespaces, p.stdio, p.process, p.handover,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	p.add(Spawn, p.letGo...)
	slices.SortStableFunc(p.Steps, byStage)
	if c.Supervised && p.simple() {
		p.ungated()
	}
	return p, nil
}

func byStage(a, b Step) int { return cmp.Compare(a.Stage, b.Stage) }

// add puts ops at the end of a stage.
func (p *Plan) add(s Stage, ops ...Op) { p.Steps = append(p.Steps, steps(s, ops)...) }

func steps(s Stage, ops []Op) (list []Step) {
	for _, op := range ops {
		list = append(list, Step{s, op})
	}
	return list
}

// master is the other end of the terminal, nil without one here.
func (p *Plan) master() *os.File {
	if p.terminal == nil {
		return nil
	}
	return p.terminal.Master
}

// standard is what init gets for descriptors 0, 1 and 2.
func (p *Plan) standard() []*os.File {
	if p.std[0] == nil {
		return []*os.File{os.Stdin, os.Stdout, os.Stderr}
	}
	return p.std[:]
}
