// Package state keeps what mini must remember of one container between two
// commands, in one directory each: /run/mini/ID.
//
//	lock         held by flock(2) for as long as a mini process answers for the container
//	config.json  the configuration as it was when the container was created
//	state.json   the Record: pid, start time, bundle, cgroup
//	start.sock   the gate: init listens here until the container is started
//	control.sock requests to the supervisor of a detached container
//	log, log.1 … what a detached container has written
//	ended.json   what starts a detached container again that has ended
//	journal      what to undo, one line a step, written before the step is done
//
// It knows files and locks. It does not know what a journal line means, nor
// how to start, find or end a process. A container's status is never stored:
// whoever wants it asks the kernel about the pid and start time kept here.
package state
