package process

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// This file says why a program is not found or not started.

// explainSearch makes the error of a search that found nothing to run.
func (w Words) explainSearch(err error, v files) error {
	name := w.Program
	if errors.Is(err, ErrNotFound) {
		return &ExecError{Program: name, Errno: unix.ENOENT, Phrase: ErrNotFound.Error(),
			Detail: "PATH=" + w.Path + v.inventory(strings.Split(w.Path, ":"))}
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
	return &ExecError{Program: name, Errno: errno, Detail: w.pathDetail(file, errno, v)}
}

// pathDetail says what there is in place of a file that cannot be run.
func (w Words) pathDetail(file string, errno unix.Errno, v files) string {
	switch errno {
	case unix.ENOENT:
		return strings.TrimPrefix(v.inventory([]string{path.Dir(file)}), "; ")
	case unix.EACCES:
		return w.modeDetail(file, v)
	case unix.ELOOP:
		return "too many symbolic links, or a magic link of /proc"
	}
	return ""
}

// headerSize is enough for the program headers and the interpreter's name.
const headerSize = 4096

// explainExec makes the error of an execve of a file that findProgram approved.
func (w Words) explainExec(file string, errno unix.Errno, v files) error {
	e := &ExecError{Program: w.Program, Errno: errno}
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
		e.Detail = w.modeDetail(file, v)
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
func (w Words) modeDetail(file string, v files) string {
	if v.list == nil {
		return ""
	}
	st, noexec, err := v.stat(file)
	if err != nil || w.shutOut(file, v) {
		return fmt.Sprintf("user %d may not search its directory", w.UID)
	}
	uid, gid := w.owner(st, v)
	detail := fmt.Sprintf("%s has mode %04o, owner %d:%d; the user is %d:%d",
		file, st.Mode&0o7777, uid, gid, w.UID, w.GID)
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

// overflowID is what an id is seen as that a user namespace does not have
// (user_namespaces(7)).
const overflowID = 65534

// within is a host's id as the container sees it.
func within(id uint32, list []specs.LinuxIDMapping) uint32 {
	if len(list) == 0 {
		return id
	}
	for _, m := range list {
		if id >= m.HostID && uint64(id) < uint64(m.HostID)+uint64(m.Size) {
			return m.ContainerID + (id - m.HostID)
		}
	}
	return overflowID
}

// owner is whose the file is, in the container's ids.
func (w Words) owner(st unix.Stat_t, v files) (uid, gid uint32) {
	if v.outside {
		return within(st.Uid, w.UIDs), within(st.Gid, w.GIDs)
	}
	return st.Uid, st.Gid
}

// shutOut says that a directory on the way to a file can not be searched by the
// user, as far as modes tell. Root goes anywhere.
func (w Words) shutOut(file string, v files) bool {
	for dir := path.Dir(file); w.UID != 0; dir = path.Dir(dir) {
		st, _, err := v.stat(dir)
		if err != nil {
			return errors.Is(err, unix.EACCES)
		}
		if !w.maySearch(st, v) {
			return true
		}
		if dir == "/" || dir == "." {
			break
		}
	}
	return false
}

// maySearch is the check of path_resolution(7), "Permissions".
func (w Words) maySearch(st unix.Stat_t, v files) bool {
	switch uid, gid := w.owner(st, v); {
	case uid == w.UID:
		return st.Mode&0o100 != 0
	case gid == w.GID || slices.Contains(w.Groups, gid):
		return st.Mode&0o010 != 0
	}
	return st.Mode&0o001 != 0
}
