package process

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// This file plans who the program is, and its start. The order follows from
// what each step needs and takes away:
//
//	bounding set   needs CAP_SETPCAP, which the change of user takes
//	groups, user   need CAP_SETGID and CAP_SETUID
//	capabilities   what is left; needs the permitted set kept over setresuid
//	the program    is looked for as the user, before a filter can forbid it
//	limits         as late as they can be: they squeeze init as well
//	seccomp        last, but without no_new_privs it needs CAP_SYS_ADMIN and so
//	               comes before the capabilities are set
//	execve

// identity plans everything from no_new_privs to execve.
func (p *planner) identity() error {
	limits := capLimits{last: p.facts.LastCap, available: p.facts.Permitted}
	if p.config.UserNS {
		limits.available = upTo(p.facts.LastCap) // a new user namespace begins with all of them
	}
	caps, warnings := planCaps(p.config.Process.Capabilities, limits)
	p.steps.Warnings = append(p.steps.Warnings, warnings...)
	if err := p.newProgram(); err != nil {
		return err
	}
	rlimits, err := planRlimits(p.config.Process.Rlimits)
	if err != nil {
		return err
	}
	p.privileges(caps, !limits.available.has(unix.CAP_SETPCAP))
	p.user()
	filter := p.config.Filter
	if filter != nil && !p.config.Process.NoNewPrivileges {
		p.find()
		p.limits(rlimits)
		p.seccomp()
		p.capabilities(caps)
	} else {
		p.capabilities(caps)
		p.find()
		p.limits(rlimits)
		p.seccomp()
	}
	p.start(caps)
	return nil
}

func (p *planner) newProgram() error {
	env, err := checkEnv(p.config.Process.Env)
	p.program = &program{args: p.config.Process.Args, env: env}
	p.program.says = p.config.Words()
	p.steps.Words = p.program.says
	if home, _ := lookEnv(env, "HOME"); home == "" {
		p.look(findHome{note{"/process/user/uid", "programs expect HOME, and config.json does not set it (passwd(5))"},
			p.config.Process.User.UID, p.program})
	}
	if !p.config.Joins {
		p.look(lookForProgram{
			note{"/process/args/0", "a name that is wrong is an error of the creation already (execvp(3))"},
			p.program, p.config.Process.Cwd})
	}
	return err
}

// privileges are given up while there still is the right to do so.
func (p *planner) privileges(caps capSets, weak bool) {
	if p.config.Process.NoNewPrivileges {
		p.last(setNoNewPrivs{note{"/process/noNewPrivileges",
			"set-user-ID programs and file capabilities give nothing from now on (PR_SET_NO_NEW_PRIVS(2const))"}})
	}
	p.last(dropBounding{
		note{capField("bounding"), "what is not in this set can never be gained again, by root neither (PR_CAPBSET_DROP(2const))"},
		caps.bounding, p.facts.LastCap, weak})
}

func (p *planner) user() {
	u := p.config.Process.User
	if u.UID != 0 {
		p.last(keepCaps{note{"/process/user/uid", "else the change from user 0 would clear the permitted set (PR_SET_KEEPCAPS(2const))"}})
	}
	if !p.config.DenySetgroups {
		p.last(setGroups{
			note{cause("/process/user/additionalGids", len(u.AdditionalGids) > 0), "the caller's own groups must not be left (setgroups(2))"},
			u.AdditionalGids})
	}
	p.last(setGID{note{"/process/user/gid", "real, effective and saved, before the user: it needs the privilege (setresgid(2))"}, u.GID})
	p.last(setUID{note{"/process/user/uid", "real, effective and saved, so that there is no way back (setresuid(2))"}, u.UID})
	p.last(enterAsUser{note{"/process/cwd", "some directories, as on NFS, let in the user but not root (chdir(2))"}, p.dir})
}

func (p *planner) capabilities(caps capSets) {
	p.last(setCaps{
		note{"/process/capabilities", "what the program may do of what root may (capset(2), capabilities(7))"},
		caps.effective, caps.permitted, caps.inheritable})
	p.last(setAmbient{
		note{cause(capField("ambient"), caps.ambient != 0), "these survive the execve of an ordinary program by an ordinary user (PR_CAP_AMBIENT(2const))"},
		caps.ambient})
}

func (p *planner) find() {
	p.last(findProgram{note{"/process/args/0", "a file that the user may execute (execvp(3), access(2))"}, p.program})
}

// limits lowers and sets: the parent has raised what had to be raised.
func (p *planner) limits(list []rlimit) {
	files := false
	for _, l := range list {
		files = files || l.resource == unix.RLIMIT_NOFILE
		p.ready(raiseLimit{note{l.field, "only the host's root may raise a hard limit (prlimit(2))"}, l, p.pid, p.facts.reaches(l)})
		p.last(setLimit{note{l.field, "soft is what the kernel enforces, hard is how far the program may raise it (setrlimit(2))"}, l})
	}
	if !files {
		p.last(restoreFiles{note{"", "the Go runtime raised it for mini itself (getrlimit(2))"}, p.facts.SoftFiles})
	}
	if s := p.config.Pdeathsig; s != 0 {
		p.last(setDeathSignal{note{"", "the program ends with mini; the change of user cleared this (PR_SET_PDEATHSIG(2const))"}, s})
	}
}

func (p *planner) seccomp() {
	filter := p.config.Filter
	if filter == nil {
		return
	}
	why := "the kernel runs this program on every system call from here on (seccomp(2))"
	if !p.config.Process.NoNewPrivileges {
		why = "without no_new_privs this needs CAP_SYS_ADMIN, so it comes before the capabilities go (seccomp(2))"
		if p.config.Process.User.UID != 0 {
			p.last(regainCaps{note{"/linux/seccomp", "the change of user left the permitted set, but not the effective one (capset(2))"}})
		}
	}
	load := loadFilter{note{"/linux/seccomp", why}, filter}
	if filter.Flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER == 0 {
		p.last(load)
		return
	}
	const field = "/linux/seccomp/listenerPath"
	p.steps.Open = append(p.steps.Open, connectListener{
		note{field, "the agent that decides on some system calls is reached while its path on the host can be (unix(7))"}, p.config.Listener})
	p.last(loadNotifying{load.note, filter, p.config.Listener})
}

func (p *planner) start(caps capSets) {
	if p.config.Reaper != nil {
		p.last(execReaper{note{"", fmt.Sprintf("mini stays as pid 1, collects orphans, and starts %s (execveat(2))", p.program.args[0])},
			p.program, p.config.Reaper, shellExec(p.config, caps, p.program)})
		return
	}
	p.last(execProgram{note{"/process/args", "the program takes the place of init (execve(2))"},
		p.program, shellExec(p.config, caps, p.program)})
}
