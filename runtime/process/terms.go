package process

import "github.com/opencontainers/runtime-spec/specs-go"

// This file plans the terms under which the program runs: everything that is
// neither its identity nor its start.

func (p *planner) oomScore() error {
	const field = "/process/oomScoreAdj"
	score := p.config.Process.OOMScoreAdj
	if score == nil {
		return nil
	}
	if *score < -1000 || *score > 1000 {
		return refuse(field, "%d is not between -1000 and 1000", *score)
	}
	p.steps.Spawn = append(p.steps.Spawn, setOOMScore{
		note{field, "the higher, the sooner the kernel kills it when memory runs out (proc_pid_oom_score_adj(5))"},
		*score, p.pid})
	return nil
}

func (p *planner) keyring() error {
	if p.config.Keyring == "" {
		return nil
	}
	search := uint32(keySearchByUser)
	if p.config.UserNS {
		search = keySearchByAll
	}
	join := joinKeyring{
		note{"", "the caller's session keyring may hold secrets of the host (session-keyring(7))"},
		p.config.Keyring, search}
	label := p.config.Process.SelinuxLabel
	if label == "" {
		p.last(join)
		return nil
	}
	if err := p.checkSELinux(label); err != nil {
		return err
	}
	p.last(setLabel{note{seLinuxField, "the program may use the keyring if the keyring has its label (setkeycreatecon(3))"}, []string{"keycreate"}, label})
	p.last(join)
	p.last(setLabel{note{seLinuxField, "other keys that are made have the label of who makes them (setkeycreatecon(3))"}, []string{"keycreate"}, ""})
	return nil
}

func (p *planner) umask() error {
	set := p.config.Process.User.Umask
	mask, err := checkUmask(set)
	if err != nil {
		return err
	}
	p.last(setUmask{
		note{cause("/process/user/umask", set != nil), "takes permissions from files the program creates (umask(2))"},
		mask})
	return nil
}

func (p *planner) stdio() error {
	uid := p.config.Process.User.UID
	if uid == 0 {
		return nil
	}
	p.last(ownStdio{
		note{"/process/user/uid", "lets the user open /dev/stdin, /dev/stdout and /dev/stderr anew (fchown(2))"},
		uid, p.config.Process.Terminal})
	return nil
}

// scheduler is the parent's work where init is root of a user namespace only:
// most of it needs CAP_SYS_NICE in the first one.
func (p *planner) scheduler() error {
	s := p.config.Process.Scheduler
	if s == nil {
		return nil
	}
	attr, err := planScheduler(s)
	if err != nil {
		return err
	}
	p.byPrivilege(p.config.UserNS, func(t target) Op {
		return setScheduler{note{"/process/scheduler", "sets when the program gets the processor (sched_setattr(2))"}, t, attr, s}
	})
	return nil
}

func (p *planner) ioPriority() error {
	prio := p.config.Process.IOPriority
	if prio == nil {
		return nil
	}
	value, err := planIOPriority(prio)
	if err != nil {
		return err
	}
	privileged := p.config.UserNS && prio.Class == specs.IOPRIO_CLASS_RT
	p.byPrivilege(privileged, func(t target) Op {
		return setIOPriority{note{"/process/ioPriority", "sets the order of its reads and writes on a disk (ioprio_set(2))"}, t, value, prio}
	})
	return nil
}

// byPrivilege gives an op to the parent if it needs its privileges, else to init.
func (p *planner) byPrivilege(parent bool, make func(target) Op) {
	if parent {
		p.ready(make(target{p.pid}))
	} else {
		p.last(make(target{}))
	}
}

func (p *planner) memory() error {
	if m := p.config.MemoryPolicy; m != nil {
		mode, mask, err := planMemory(m)
		if err != nil {
			return err
		}
		p.last(setMemory{note{"/linux/memoryPolicy", "says which memory nodes its pages come from (set_mempolicy(2))"}, mode, mask, m})
	}
	if d := p.config.Personality; d != nil {
		persona, err := planPersonality(d)
		if err != nil {
			return err
		}
		p.last(setPersonality{note{"/linux/personality", "LINUX32 makes uname name a 32-bit machine (personality(2))"}, persona, d.Domain})
	}
	return nil
}

func (p *planner) enter() error {
	// One who joins has not the say over what is in the root.
	p.dir = &workdir{path: p.config.Process.Cwd, make: !p.config.Joins}
	p.last(enterAsRoot{
		note{"/process/cwd", "is checked to be inside the root, whatever the path led through (chdir(2), CVE-2024-21626)"},
		p.dir})
	return nil
}
