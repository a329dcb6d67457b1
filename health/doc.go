// Package health decides: is a service alive and well, and what is to be done if
// not. It knows checks' results, restart policies, back-off and time. It does not
// know containers nor processes, and makes no system call: what runs, and how it
// is probed, started and stopped, is its caller's.
//
// A [Monitor] is the state machine, a value: [Monitor.Step] takes it and an
// event to the next one and a list of actions, without a clock or a goroutine.
// The table in state.go is all of its transitions:
//
//	created ─► starting ─► healthy ⇄ unhealthy ─► stopping ─► backoff ─► created …
//	                                                  └─► exited     └─► failed
//
// step.go says what an event means, judge.go what the checks' results amount to,
// move.go what goes with a new state, and schedule.go when a check is due.
//
// [Watch] is the loop around it: one timer, and a goroutine for the probe that
// runs. Between probes and events it sleeps.
package health
