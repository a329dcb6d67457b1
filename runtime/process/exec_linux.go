package process

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// execProgram is the last step: on success it does not return.
type execProgram struct {
	note
	program *program
	shell   string
}

func (o execProgram) Do() error { return doAndExplain(o) }

// Calls executes that of the candidates that has been found: which, the process
// finds out without system calls, for a filter may be in force.
func (o execProgram) Calls(l *calls.List) {
	p := o.program
	if p.found == (calls.Ref{}) {
		l.Fail(errNotSearched)
		return
	}
	argv, envv := l.Strings(p.args), p.environ(l)
	for i, name := range p.candidates() {
		other := l.Unless(p.found, -1, int32(i))
		l.Call(execWord+name, unix.SYS_EXECVE, l.Text(name), argv, envv)
		other.Here()
	}
}

// environ is the program's environment in the memory of a list that starts it. HOME is
// written when that is sent, so the list can be made before /etc/passwd has been read.
func (p *program) environ(l *calls.List) calls.Arg {
	if p.home == nil {
		return l.Strings(p.env)
	}
	const key = "HOME="
	home := l.Later(len(key)+unix.PathMax, func(room []byte) error {
		dir, err := p.home.directory(l)
		if err == nil && len(dir) >= unix.PathMax {
			err = fmt.Errorf("the directory of user %d in /etc/passwd: %w", p.home.uid, unix.ENAMETOOLONG)
		}
		copy(room, key+dir)
		return err
	})
	return l.Strings(withoutHome(p.env), home.Arg())
}

func (o execProgram) words() Words { return o.program.says }

var errNotSearched = errors.New("the program has not been looked for")

func (o execProgram) String() string { return "execve " + strings.Join(quoteAll(o.program.args), " ") }
func (o execProgram) Shell() string  { return o.shell }

// execReaper starts mini's own program as pid 1, which starts the user's. That is
// Go code in the container in any case, so there are no calls of it.
type execReaper struct {
	note
	program *program
	reaper  *Reaper
	shell   string
}

// Do executes a descriptor: mini's file has no name inside the container.
func (o execReaper) Do() error {
	p := o.program
	if !p.found.Done() {
		return errNotSearched
	}
	if o.reaper.Exe == nil {
		return fmt.Errorf("no descriptor of mini's own program")
	}
	l := calls.New()
	path := p.candidates()[p.found.Result()]
	env, err := p.environment(l)
	if err != nil {
		return err
	}
	argv, err := syscall.SlicePtrFromStrings(append([]string{"mini", ReapCommand, "--", path}, p.args...))
	if err != nil {
		return err
	}
	envp, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return err
	}
	empty := new(byte)
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, o.reaper.Exe.Fd(), uintptr(unsafe.Pointer(empty)),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])), unix.AT_EMPTY_PATH, 0)
	runtime.KeepAlive(argv)
	runtime.KeepAlive(envp)
	return fmt.Errorf("execveat mini: %w", errno)
}

// Shell does without a reaper.
func (o execReaper) Shell() string { return o.shell }

func (o execReaper) String() string {
	return fmt.Sprintf("execveat mini %s -- %s", ReapCommand, strings.Join(quoteAll(o.program.args), " "))
}
