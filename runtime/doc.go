// Package runtime is the OCI verbs and the supervision: it composes, and owns
// no mechanism. This comment is the map of the program.
//
//	argv ─► cmd/mini ─► bundle.Load ─► NewPlan ─► execute ─► exit status
//
// A config.json, flags and facts about the host become a Plan: an ordered
// list of small steps, each of which knows how to do itself, how strace would
// show it, why it is needed and which setting asked for it. Planning is pure.
// The executor runs the list and nothing else.
//
// Two processes share the list. The parent does the stages prepare, spawn,
// open, beside, between and poststart; init, process 1 of the container, does mount,
// pivot and last. It is a hand (package namespaces/calls): what it does is composed
// here, step by step, as lists of system calls, so that there is nothing of mini in
// the container. The few steps that need a program inside have mini itself, which
// makes the same plan again, as init:
//
//	parent                                       init
//	prepare: directory, cgroup, gate
//	spawn:   clone into the namespaces ────────► waits for its id maps
//	open:    host paths become descriptors
//	         ── files, calls ──────────────────► mount: the new root
//	beside:  limits, what is kept
//	         ◄──────────────────────── results ─
//	between: hooks
//	         ── calls ─────────────────────────► pivot: pivot_root, masks, hostname …
//	         ◄──────────────────────── results ─
//	         ── calls ─────────────────────────► waits at the gate
//	start:   connects to the gate ─────────────► last: user, capabilities, seccomp, execve
//	         ◄──── EOF, or why it does not run ─
//	poststart; then the heartbeat
//
// `mini run` has no gate: it sends the last calls when all else is done.
//
// Where things are:
//
//	op, plan, compose    the list: what a step is, the stages, who plans what
//	execute, await       the loop that does it, here and as seen from the other side
//	create, start        the two processes, and inside, inside_hand and inside_go:
//	                     the second one's two forms; init is the Go program inside
//	channel, gate        the two sockets between them
//	run, death           supervision: wait, probe, restart, and the account of the end,
//	                     which autopsy reads from the cgroup
//	detach, supervise    the same, by a process of its own: detached has what it keeps,
//	                     hub and output where the program's output goes, board what is known
//	control, client      requests to it, from wait, stop, restart, logs and attach
//	vitals, survey       what it knows of one, for mini health, and of all, for mini top
//	guard                a container does not outlive its supervisor; or, if it shall,
//	adopt, takeover      another supervisor comes after the first, revive after the end of both,
//	                     elsewhere says what it
//	                     can know of a process that is not its child, fifo keeps the output
//	share                the network of another container
//	agent, owner         a seccomp agent is met; the container owns its cgroup
//	keeper               the process that a scope of systemd's begins with
//	load, lifecycle      containers that another mini process created: a plan without steps
//	exec, further        a process beside the first; process: it, in a leaf of the cgroup
//	session              what a probe has left behind where there is none
//	root                 what that needs where no mount namespace brings the root along
//	handover, ready      what engines and service managers get: pid file, terminal, READY=1
//	keep                 a container that has ended and stays
//	upper                one directory takes the changes of one container
//	update, pause, events …  one command each
//	self                 our own binary, such that no container can write to it
//	undo, poststop, gc   nothing left behind; postmortem tells of it before
//	rootless             what is otherwise when an ordinary user asks
//	state …              what is remembered between two commands
//
// The mechanisms are in the leaves, which know nothing of each other nor of
// this package: namespaces, cgroups, rootfs, health, and bundle, process,
// seccomp, hooks, stdio and state below this folder; excerpt and jsonwalk are what
// more than one of them needs.
package runtime
