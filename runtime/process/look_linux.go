package process

import (
	"errors"
	"path"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// lookForProgram comes before the start: whoever creates a container, such as
// an engine, learns from that that there is no such program, and need not start
// it to see. findProgram asks again as the user; what only a user can see, root
// of the container leaves to that.
type lookForProgram struct {
	note
	program *program
	dir     string // the working directory, not entered yet
}

func (o lookForProgram) Do() error { return calls.Do(o) }

// Calls is content with the usual, a file that everyone may execute. If there is
// none, look takes a closer one.
func (o lookForProgram) Calls(l *calls.List) {
	st := l.Space(int(unsafe.Sizeof(unix.Stat_t{})))
	mode := st.At(int(unsafe.Offsetof(unix.Stat_t{}.Mode)))
	how := pathOnly(l)
	var found []calls.Jump
	for _, name := range o.program.candidates() {
		open := l.Call("openat2", unix.SYS_OPENAT2, calls.CWD, l.Text(o.below(name)), how.Arg(), calls.N(unix.SizeofOpenHow))
		l.Call("fstat", unix.SYS_FSTAT, open.Arg(), st.Arg())
		l.Close(open.Arg())
		const usual = unix.S_IFREG | 0o111
		good := l.Check("", mode, unix.S_IFMT|0o111, usual, unix.EACCES)
		found = append(found, l.Jump())
		open.SkipTo(0)
		good.SkipTo(0)
	}
	failWith(l, "look", unix.ENOENT).Else(0, func(unix.Errno) error { return o.look(filesOf(l.Beside)) })
	for _, j := range found {
		j.Here()
	}
}

// pathOnly is how a file is opened that is only to be looked at. A path through a
// magic link of /proc could name a file outside the container (CVE-2024-21626).
func pathOnly(l *calls.List) calls.Memory {
	return calls.Struct(l, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS})
}

// failWith is a call that fails.
func failWith(l *calls.List, name string, errno unix.Errno) calls.Ref {
	return l.Check(name, l.Space(8).Arg(), 0, 1, errno)
}

func (o lookForProgram) below(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(o.dir, name)
}

func (o lookForProgram) look(v files) error {
	_, err := o.program.search(func(name string) error { return present(v, o.below(name)) })
	if err != nil {
		return o.program.says.explainSearch(err, v)
	}
	return nil
}

func (o lookForProgram) String() string {
	return "look for " + o.program.args[0]
}

// present asks for a file that someone may execute.
func present(v files, name string) error {
	st, _, err := v.stat(name)
	if errors.Is(err, unix.EACCES) {
		return nil // a directory that is not root's, as on NFS
	}
	if err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFDIR:
		return errDirectory
	case st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0:
		return unix.EACCES
	}
	return nil
}
