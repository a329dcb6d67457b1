package runtime

import (
	"path/filepath"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/namespaces"
	"mini/rootfs"
	"mini/runtime/hooks"
	"mini/runtime/process"
	"mini/runtime/stdio"
)

// This file is where the planners of all packages are called, each with the
// part of the configuration that is its own.

// directory keeps the container's name, configuration and journal.
func (p *Plan) directory() error {
	p.gate = &listen{path: p.dir.Gate(), note: note{why: "Init will wait on this socket until it is told to start the program (unix(7))"}}
	if !p.config.Kept {
		p.add(Prepare, makeDir{note{why: "The container's name is taken, and what is left to undo has a place, before anything is done (mkdir(2), flock(2))"}, p.dir})
	}
	p.add(Prepare, p.gate)
	p.add(Beside, freezeConfig{note{why: "A bundle that changes later must not change this container (write(2))"}, p.dir, p.config.JSON})
	return nil
}

func (p *Plan) cgroup() error {
	steps, err := cgroups.Plan(cgroups.Config{
		Path: p.groupPath(), Resources: p.resources(), DefaultDevices: true, Owner: p.cgroupOwner(), Systemd: p.systemd(),
		Tree: p.config.Entered,
	}, p.facts.Cgroups)
	if err != nil {
		return err
	}
	p.group = steps.Group
	p.add(Prepare, steps.Prepare...)
	p.add(Beside, steps.Limits...)
	p.add(Late, steps.Late...)
	return nil
}

func (p *Plan) rootfs() error {
	spec, linux := p.config.Spec, p.linux()
	steps, err := rootfs.Plan(rootfs.Config{
		Bundle:  p.config.Bundle,
		Root:    spec.Root,
		Mounts:  p.mounts(),
		Devices: linux.Devices, DefaultDevices: true, Submounts: p.config.Submounts, Pieces: p.config.Pieces,
		MaskedPaths: linux.MaskedPaths, ReadonlyPaths: linux.ReadonlyPaths,
		Propagation: linux.RootfsPropagation, MountLabel: linux.MountLabel,
		Overlay:     p.config.Overlay,
		UIDMappings: linux.UIDMappings, GIDMappings: linux.GIDMappings,
		CgroupPath:  p.cgroupPath(),
		UserNS:      p.owns(specs.UserNamespace),
		IPCNS:       p.owns(specs.IPCNamespace),
		NetNS:       p.ownsNetwork(),
		CgroupNS:    p.owns(specs.CgroupNamespace),
		PidNS:       p.owns(specs.PIDNamespace),
		HostMountNS: !p.owns(specs.MountNamespace),
	}, p.facts.Rootfs, &p.child.Pid)
	if err != nil {
		return err
	}
	p.sources = steps.Sources
	for _, w := range steps.Warnings {
		p.warn(w.Field, w.Text)
	}
	p.add(Open, steps.Open...)
	p.add(Mount, steps.Mount...)
	p.add(Pivot, steps.Pivot...)
	p.seal, p.needsGo = steps.Seal, p.needsGo || steps.NeedsGo
	return nil
}

// needed are the namespaces that init is born in: the configuration's, and one
// to build the root in.
func (p *Plan) needed() []specs.LinuxNamespace {
	list := p.linux().Namespaces
	if !p.owns(specs.MountNamespace) {
		list = append(slices.Clip(list), specs.LinuxNamespace{Type: specs.MountNamespace})
	}
	return list
}

func (p *Plan) namespaces() error {
	spec, linux := p.config.Spec, p.linux()
	steps, err := namespaces.Plan(namespaces.Config{
		Namespaces:  p.needed(),
		UIDMappings: linux.UIDMappings, GIDMappings: linux.GIDMappings,
		TimeOffsets: linux.TimeOffsets,
		Hostname:    spec.Hostname, Domainname: spec.Domainname,
		Sysctl:     linux.Sysctl,
		NetDevices: linux.NetDevices,
		Cgroup:     p.group != nil,
	}, p.facts.Namespaces, p.child)
	if err != nil {
		return err
	}
	last := len(steps.Spawn) - 1
	p.add(Spawn, steps.Spawn[:last]...)
	p.letGo = append(steps.Spawn[last:], steps.Devices...)
	p.hosted()
	p.add(Pivot, steps.Inside...)
	return nil
}

func (p *Plan) stdio() error {
	proc := p.config.Spec.Process
	if proc == nil {
		return nil // process says so
	}
	steps, err := stdio.Plan(stdio.Config{
		Terminal: proc.Terminal, Size: proc.ConsoleSize, Attached: p.config.Attached, Joined: p.joined,
	}, p.facts.Stdio)
	if err != nil {
		return err
	}
	p.terminal = steps.Terminal
	p.add(Pivot, steps.Pivot...)
	p.add(Pivot, p.seal...) // now that nothing has to be made below / any more
	return nil
}

func (p *Plan) process() error {
	filter, err := p.compile()
	if err != nil {
		return err
	}
	c := p.lastMile()
	c.Filter, c.Listener = filter, p.listener(filter)
	c.DenySetgroups = p.denySetgroups()
	if !p.config.KeepKeyring {
		c.Keyring = "_ses." + p.config.ID
	}
	if p.config.Init {
		p.reaper = &process.Reaper{}
		c.Reaper = p.reaper
	}
	if p.config.mortal() {
		c.Pdeathsig = unix.SIGKILL
	}
	steps, err := process.Plan(c, p.facts.Process, &p.child.Pid)
	if err != nil {
		return err
	}
	for _, w := range steps.Warnings {
		p.warn(w.Field, w.Text)
	}
	p.before, p.words, p.looks = steps.Before, steps.Words, len(steps.Look) > 0
	p.add(Spawn, steps.Spawn...)
	p.add(Open, steps.Open...)
	p.add(Pivot, steps.Look...)
	p.add(Between, steps.Ready...)
	p.add(Last, steps.Last...)
	return nil
}

// lastMile is what the configuration alone says of the process.
func (p *Plan) lastMile() process.Config {
	linux := p.linux()
	return process.Config{
		Process:      p.withEnv(p.config.Spec.Process),
		Personality:  linux.Personality,
		MemoryPolicy: linux.MemoryPolicy,
		Joins:        p.joined,
		UserNS:       p.owns(specs.UserNamespace),
		UIDMappings:  linux.UIDMappings, GIDMappings: linux.GIDMappings,
		DenySetgroups: p.denySetgroups(),
	}
}

// withEnv is the process with what the configuration does not know of.
func (p *Plan) withEnv(proc *specs.Process) *specs.Process {
	more := slices.Concat(p.config.Env, p.config.Notify.env())
	if proc == nil || len(more) == 0 {
		return proc
	}
	changed := *proc
	changed.Env = slices.Concat(proc.Env, more)
	return &changed
}

// environ is the program's environment, never nil.
func (p *Plan) environ() []string {
	if proc := p.withEnv(p.config.Spec.Process); proc != nil {
		return append([]string{}, proc.Env...)
	}
	return []string{}
}

// cgroupPath is the container's cgroup in the host's file system, or "".
func (p *Plan) cgroupPath() string {
	if p.group == nil {
		return ""
	}
	return p.group.Path()
}

// hooks puts each kind of hook where runtime-spec's config.md wants it:
// prestart and createRuntime in the runtime's namespaces before the pivot,
// createContainer in the container's before the pivot, startContainer after
// it, poststart in the runtime's once the program runs, poststop once all is undone.
func (p *Plan) hooks() error {
	h := p.config.Spec.Hooks
	if h == nil {
		return nil
	}
	for _, k := range hookKinds(h) {
		dir, env := p.whereHooksRun(k.stage)
		state := func() ([]byte, error) { return p.stateJSON(k.state) }
		ops, err := hooks.Plan(k.kind, k.list, dir, env, state)
		if err != nil {
			return err
		}
		p.add(k.stage, ops...)
		p.needsGo = p.needsGo || len(ops) > 0 && k.stage.Who() == "init"
	}
	return nil
}

// whereHooksRun is their working directory, and the environment of those that name
// none: the caller's but in init, which has the program's only. nil and "" leave
// both as they are.
func (p *Plan) whereHooksRun(s Stage) (dir string, env []string) {
	switch s {
	case Pivot:
		return p.config.Bundle, p.environ()
	case Last: // in the new root, where the bundle is not
		return "", p.environ()
	case Poststop: // the bundle may be gone
		return "", nil
	}
	return p.config.Bundle, nil
}

// hookKind is one list of hooks, and what the container is like then.
type hookKind struct {
	stage Stage
	kind  string
	list  []specs.Hook
	state specs.ContainerState
}

// hookKinds is all kinds there are, in order of time.
func hookKinds(h *specs.Hooks) []hookKind {
	return []hookKind{
		{Between, "prestart", h.Prestart, specs.StateCreating}, // deprecated, and still sent by engines
		{Between, "createRuntime", h.CreateRuntime, specs.StateCreating},
		{Pivot, "createContainer", h.CreateContainer, specs.StateCreating},
		{Last, "startContainer", h.StartContainer, specs.StateCreated},
		{Poststart, "poststart", h.Poststart, specs.StateRunning},
		{Poststop, "poststop", h.Poststop, specs.StateStopped},
	}
}

// linux is the Linux part of the configuration, never nil.
func (p *Plan) linux() *specs.Linux {
	if p.config.Spec.Linux == nil {
		return &specs.Linux{}
	}
	return p.config.Spec.Linux
}

// owns says whether the container has a namespace of this type of its own,
// new or joined.
func (p *Plan) owns(t specs.LinuxNamespaceType) bool {
	for _, ns := range p.linux().Namespaces {
		if ns.Type == t {
			return true
		}
	}
	return false
}

func (p *Plan) warn(field, text string) {
	p.Warnings = append(p.Warnings, Warning{field, text})
}

// mortal says whether the program ends with the process that made it.
func (c Config) mortal() bool { return c.Supervised && !c.Adoptable }

// RootPath is where the root file system is on the host.
func (c Config) RootPath() string {
	if filepath.IsAbs(c.Spec.Root.Path) {
		return filepath.Clean(c.Spec.Root.Path)
	}
	return filepath.Join(c.Bundle, c.Spec.Root.Path)
}
