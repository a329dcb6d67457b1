package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// execProgram is the last step: on success it does not return.
type execProgram struct {
	note
	program *program
	shell   string
}

// Do uses syscall.Exec for what it does besides execve: it keeps the runtime
// from making threads meanwhile. Its own care for RLIMIT_NOFILE, a system call
// that a filter might refuse, has been ended by setLimit or restoreFiles.
func (o execProgram) Do() error {
	p := o.program
	if p.path == "" {
		return errNotSearched
	}
	return p.explainExec(syscall.Exec(p.path, p.args, p.env))
}

var errNotSearched = errors.New("the program has not been looked for")

func (o execProgram) String() string { return "execve " + strings.Join(quoteAll(o.program.args), " ") }
func (o execProgram) Shell() string  { return o.shell }

// headerSize is enough for the program headers and the interpreter's name.
const headerSize = 4096

// explainExec makes the error of an execve of a file that runnable approved.
func (p *program) explainExec(err error) error {
	errno, ok := err.(syscall.Errno)
	if !ok {
		return err
	}
	e := &ExecError{Program: p.args[0], Errno: errno}
	h, readable := readHeader(p.path)
	switch {
	case errno == unix.ENOENT && h.interpreter != "":
		e.Detail = fmt.Sprintf("%s is there, but its interpreter %q is not in the root file system", p.path, h.interpreter)
		if strings.HasSuffix(h.interpreter, "\r") {
			e.Detail += ": the script has the line ends of Windows"
		}
	case errno == unix.ENOEXEC && h.foreign():
		e.Detail = fmt.Sprintf("%s is a program for %s, this machine is %s", p.path, h.machineName(), ownMachine().name)
	case errno == unix.ENOEXEC && readable && !h.elf:
		e.Detail = fmt.Sprintf("%s is neither an ELF program nor a script with a first line such as #!/bin/sh", p.path)
	case errno == unix.EACCES && h.interpreter != "":
		e.Detail = modeDetail(p.path) + fmt.Sprintf("; its interpreter is %q", h.interpreter)
	case errno == unix.EACCES:
		e.Detail = modeDetail(p.path)
	case errno == unix.E2BIG:
		e.Detail = "arguments and environment together are too long"
	}
	return e
}

func readHeader(name string) (header, bool) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return header{}, false
	}
	defer f.Close()
	b := make([]byte, headerSize)
	n, err := io.ReadFull(f, b)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return header{}, false
	}
	return parseHeader(b[:n]), true
}

// execReaper starts mini's own program as pid 1, which starts the user's.
type execReaper struct {
	note
	program *program
	reaper  *Reaper
	shell   string
}

// Do executes a descriptor: mini's file has no name inside the container.
func (o execReaper) Do() error {
	p := o.program
	if p.path == "" {
		return errNotSearched
	}
	if o.reaper.Exe == nil {
		return fmt.Errorf("no descriptor of mini's own program")
	}
	argv, err := syscall.SlicePtrFromStrings(append([]string{"mini", ReapCommand, "--", p.path}, p.args...))
	if err != nil {
		return err
	}
	envp, err := syscall.SlicePtrFromStrings(p.env)
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
