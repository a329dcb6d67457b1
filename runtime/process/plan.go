package process

import (
	"fmt"
	"path"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Config is the slice of the OCI configuration that concerns the process, and
// what mini adds to it.
type Config struct {
	Process      *specs.Process
	Personality  *specs.LinuxPersonality  // of /linux
	MemoryPolicy *specs.LinuxMemoryPolicy // of /linux
	Filter       *Filter                  // compiled /linux/seccomp; nil: none
	Listener     *Listener                // the agent that the filter notifies; nil: none

	UserNS        bool                   // the container has a user namespace of its own
	UIDMappings   []specs.LinuxIDMapping // of that namespace; empty: not known
	GIDMappings   []specs.LinuxIDMapping
	DenySetgroups bool // its setgroups file says deny (user_namespaces(7))

	Joins     bool        // not the container's first process, but one that joins it
	Keyring   string      // name of the session keyring to join; "": keep the caller's
	Reaper    *Reaper     // start the program under a reaping pid 1; nil: it is pid 1 itself
	Pdeathsig unix.Signal // sent to the program when init's parent ends; 0: none
}

// Steps are the parts of the plan.
type Steps struct {
	Before   []Op  // by the parent on the thread that will clone, before it does
	Spawn    []Op  // by the parent on *pid, before init can be non-dumpable
	Open     []Op  // by the parent: what only the host's paths lead to
	Look     []Op  // by init, in the new root but before the start
	Ready    []Op  // by the parent on *pid, once init has said anything: then Go's start in it is over
	Last     []Op  // by init; the last one is execve
	Words    Words // to say why Last has failed, if it is done as calls
	Warnings []Warning
}

// Plan checks the process and lays out its last mile. It reads nothing but its
// arguments. pid is filled by whoever starts init; it is not used by Last.
func Plan(c Config, f Facts, pid *int) (Steps, error) {
	p := &planner{config: c, facts: f, pid: pid}
	if err := p.check(); err != nil {
		return Steps{}, err
	}
	for _, part := range []func() error{
		p.oomScore, p.keyring, p.umask, p.stdio, p.affinity, p.scheduler, p.ioPriority, p.memory, p.enter, p.labels,
	} {
		if err := part(); err != nil {
			return Steps{}, err
		}
	}
	if err := p.identity(); err != nil {
		return Steps{}, err
	}
	return p.steps, nil
}

// planner collects the steps; its methods are in the order of time.
type planner struct {
	config  Config
	facts   Facts
	pid     *int
	steps   Steps
	dir     *workdir
	program *program
}

func (p *planner) last(op Op)  { p.steps.Last = append(p.steps.Last, op) }
func (p *planner) look(op Op)  { p.steps.Look = append(p.steps.Look, op) }
func (p *planner) ready(op Op) { p.steps.Ready = append(p.steps.Ready, op) }

func (p *planner) warn(field, text string) {
	p.steps.Warnings = append(p.steps.Warnings, Warning{field, text})
}

// check refuses what is not a process at all, and what is not supported.
func (p *planner) check() error {
	proc := p.config.Process
	switch {
	case proc == nil:
		return refuse("/process", "missing: there is nothing to run")
	case len(proc.Args) == 0 || proc.Args[0] == "":
		return refuse("/process/args", "at least the program's name is needed")
	case !path.IsAbs(proc.Cwd) || strings.ContainsRune(proc.Cwd, 0):
		return refuse("/process/cwd", "%q is not an absolute path", proc.Cwd)
	}
	for i, arg := range proc.Args {
		if strings.ContainsRune(arg, 0) {
			return refuse(fmt.Sprintf("/process/args/%d", i), "%q holds a NUL byte", arg)
		}
	}
	p.checkIgnored()
	if err := checkUser(p.config); err != nil {
		return err
	}
	return checkFilter(p.config.Filter, p.config.Listener)
}

// checkIgnored names the fields that mean nothing here.
func (p *planner) checkIgnored() {
	proc := p.config.Process
	if proc.User.Username != "" {
		p.warn("/process/user/username", "ignored: a user name is for Windows, Linux takes uid and gid")
	}
	if proc.CommandLine != "" {
		p.warn("/process/commandLine", "ignored: a command line is for Windows, Linux takes args")
	}
}
