package main

import (
	"os"
	"slices"

	"mini/examples/userland/shell"
)

// inShell are the applets that sh runs without a process.
var inShell = []string{"[", "echo", "false", "kill", "printf", "pwd", "test", "true"}

func sh(c *call) error {
	in := map[string]shell.Applet{}
	for _, a := range applets() {
		if slices.Contains(inShell, a.name) {
			in[a.name] = func(args []string, in, out, err *os.File) int {
				return a.status(&call{name: args[0], args: args[1:], in: in, out: out, err: err})
			}
		}
	}
	n := shell.Main(shell.Config{
		Args: c.args, Environ: os.Environ(), Self: self(), Applets: in, Explain: explain,
	})
	return failedWith(n)
}

// self is the path of this program. Without /proc it is where build.sh puts it.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return "/bin/userland"
	}
	return path
}

func failedWith(n int) error {
	if n == 0 {
		return nil
	}
	return status(n)
}
