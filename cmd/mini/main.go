// Go keeps the cgroup's files open to follow its CPU limit; mini has no use
// for that, and a container must not inherit it.
//
//go:debug containermaxprocs=0

// Command mini runs OCI bundles: flags in, exit status out. It makes no system
// calls of its own; one file holds one command.
package main

import (
	"os"

	"mini/runtime"
	"mini/runtime/process"
)

// init is all of the init process: while packages are initialised Go keeps the
// main goroutine on the main thread, where it has to stay, since what is done to
// init (scheduler, limits) is done from outside by its pid, which is that
// thread's. To ask for it by runtime.LockOSThread costs one more thread.
func init() {
	roomy(false)
	if len(os.Args) > 1 && os.Args[1] == runtime.InitCommand {
		os.Exit(runtime.Init(os.Args[2:]))
	}
}

func main() {
	// The commands that mini calls itself by, before any flag is parsed.
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(runtime.Supervise())
		case "reap":
			os.Exit(reap(os.Args[2:]))
		}
	}
	os.Exit(run(os.Args))
}

// reap is process 1 of a container that was asked for with --init.
func reap(args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	status, err := process.Reap(args)
	if err != nil {
		complain(os.Stderr, err)
		return exitStatus(err)
	}
	return status
}
