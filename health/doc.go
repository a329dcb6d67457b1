// Package health decides: is a service alive and well, and what is to be done if
// not. It knows probes' results, restart policies, back-off and time. It does
// not know containers, processes or signals, makes no system call, and imports
// only the standard library: what runs, and how it is probed, started and
// stopped, is its caller's.
//
// A [Monitor] is the state machine, a value: [Monitor.Step] takes it and an
// event to the next one and a list of actions, without a clock or a goroutine.
// The table in machine.go is all of its transitions:
//
//	created ─► starting ─► healthy ⇄ unhealthy ─► stopping ─► backoff ─► created …
//	                                                  └─► exited     └─► failed
//
// [Watch] is the loop around it, with timers and the goroutine of the probe.
package health
