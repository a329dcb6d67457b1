package process

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// This file says why a program is not found or not started.

// explain makes the error of a failed call of findProgram or execProgram.
func (p *program) explain(f *calls.Failure, v files) error {
	errno, is := f.Err.(unix.Errno)
	if !is {
		return f
	}
	switch word, file, _ := strings.Cut(f.Call, " "); word {
	case execWord:
		return p.explainExec(file, errno, v)
	case searchWord:
		return p.explainSearch(ErrNotFound, v)
	case directoryWord:
		return p.explainSearch(errDirectory, v)
	case openWord, accessWord, kindWord:
		return p.explainSearch(&candidateError{file, errno}, v)
	}
	return f
}

// explainSearch makes the error of a search that found nothing to run.
func (p *program) explainSearch(err error, v files) error {
	name := p.args[0]
	if errors.Is(err, ErrNotFound) {
		dirs := p.searchPath()
		return &ExecError{Program: name, Errno: unix.ENOENT, Phrase: ErrNotFound.Error(),
			Detail: "PATH=" + dirs + v.inventory(strings.Split(dirs, ":"))}
	}
	file := name
	if c := (*candidateError)(nil); errors.As(err, &c) {
		file = c.path
	}
	if errors.Is(err, errDirectory) {
		return &ExecError{Program: name, Errno: unix.EACCES, Phrase: "is a directory: permission denied"}
	}
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return err
	}
	return &ExecError{Program: name, Errno: errno, Detail: p.pathDetail(file, errno, v)}
}

// pathDetail says what there is in place of a file that cannot be run.
func (p *program) pathDetail(file string, errno unix.Errno, v files) string {
	switch errno {
	case unix.ENOENT:
		return strings.TrimPrefix(v.inventory([]string{path.Dir(file)}), "; ")
	case unix.EACCES:
		return p.modeDetail(file, v)
	case unix.ELOOP:
		return "too many symbolic links, or a magic link of /proc"
	}
	return ""
}

// headerSize is enough for the program headers and the interpreter's name.
const headerSize = 4096

// explainExec makes the error of an execve of a file that findProgram approved.
func (p *program) explainExec(file string, errno unix.Errno, v files) error {
	e := &ExecError{Program: p.args[0], Errno: errno}
	h, readable := readHeader(file, v)
	switch {
	case errno == unix.ENOENT && h.interpreter != "":
		e.Detail = fmt.Sprintf("%s is there, but its interpreter %q is not in the root file system", file, h.interpreter)
		if strings.HasSuffix(h.interpreter, "\r") {
			e.Detail += ": the script has the line ends of Windows"
		}
	case errno == unix.ENOEXEC && h.foreign():
		e.Detail = fmt.Sprintf("%s is a program for %s, this machine is %s", file, h.machineName(), ownMachine().name)
	case errno == unix.ENOEXEC && readable && !h.elf:
		e.Detail = fmt.Sprintf("%s is neither an ELF program nor a script with a first line such as #!/bin/sh", file)
	case errno == unix.EACCES:
		e.Detail = p.modeDetail(file, v)
		if h.interpreter != "" {
			e.Detail += fmt.Sprintf("; its interpreter is %q", h.interpreter)
		}
	case errno == unix.E2BIG:
		e.Detail = "arguments and environment together are too long"
	}
	return e
}

func readHeader(name string, v files) (header, bool) {
	b, err := v.head(name, headerSize)
	return parseHeader(b), err == nil
}

// modeDetail is what a person would look up with ls -l and id.
func (p *program) modeDetail(file string, v files) string {
	if v.list == nil {
		return ""
	}
	st, noexec, err := v.stat(file)
	if err != nil || p.user.shutOut(file, v) {
		return fmt.Sprintf("user %d may not search its directory", p.user.uid)
	}
	uid, gid := p.user.owner(st, v)
	detail := fmt.Sprintf("%s has mode %04o, owner %d:%d; the user is %d:%d",
		file, st.Mode&0o7777, uid, gid, p.user.uid, p.user.gid)
	if noexec {
		detail += "; it is on a mount with noexec"
	}
	return detail
}

// shown is how many names of a directory are listed.
const shown = 8

// inventory lists the beginning of the first directory that has something.
func (v files) inventory(dirs []string) string {
	if v.list == nil {
		return ""
	}
	for _, dir := range dirs {
		if names := v.firstNames(dir); names != "" {
			return "; " + dir + " has: " + names
		}
	}
	if len(dirs) == 1 {
		return "; there is no directory " + dirs[0] + ", or it is empty"
	}
	return "; none of these directories has anything in it"
}

func (v files) firstNames(dir string) string {
	names := v.names(dir)
	slices.Sort(names)
	if len(names) > shown {
		names = append(names[:shown], "…")
	}
	return strings.Join(names, ", ")
}
