package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// runtime is one program that is measured.
type runtime struct {
	name  string
	words []string // how it is called, without arguments
	root  string   // where it keeps its containers' state
}

// parse reads NAME=COMMAND. The command may have words before the program, such as
// a loader and its flags; a path is made absolute, for the bundle is elsewhere.
func parse(args []string) (list []runtime, err error) {
	for _, arg := range args {
		name, command, ok := strings.Cut(arg, "=")
		words := strings.Fields(command)
		if !ok || name == "" || len(words) == 0 {
			return nil, fmt.Errorf("%q is not NAME=PATH", arg)
		}
		if words[0], err = filepath.Abs(words[0]); err != nil {
			return nil, err
		}
		list = append(list, runtime{name: name, words: words})
	}
	return list, nil
}

// command is a call of the runtime, in the form that all share.
func (r runtime) command(args ...string) *exec.Cmd {
	words := append(append(r.words[1:len(r.words):len(r.words)], "--root", r.root), args...)
	return exec.Command(r.words[0], words...)
}

// run is a container from its making to its end.
func (r runtime) run(bundle, id string) *exec.Cmd { return r.command("run", "-b", bundle, id) }

// sample is one call, its children included as far as they were waited for.
type sample struct {
	Wall, CPU time.Duration
	Faults    int64 // page faults, minor ones
}

// once times a command that has to succeed. Its words go to a file, since a pipe
// would have its end only when the last process of a container has.
func once(cmd *exec.Cmd) (sample, error) {
	words, err := os.CreateTemp("", "mini-bench-words")
	if err != nil {
		return sample{}, err
	}
	defer os.Remove(words.Name())
	defer words.Close()
	cmd.Stdout, cmd.Stderr = words, words
	begin := time.Now()
	err = cmd.Run()
	wall := time.Since(begin)
	if err != nil {
		said, _ := os.ReadFile(words.Name())
		return sample{}, fmt.Errorf("%s: %w\n%s", cmd, err, said)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("no resource usage on this system")
	}
	return sample{
		Wall:   wall,
		CPU:    cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Faults: usage.Minflt,
	}, nil
}
