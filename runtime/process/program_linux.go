package process

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// findProgram comes after the change of user, so that the kernel answers for
// the user, and before the filter, which need not allow the search.
type findProgram struct {
	note
	program *program
}

func (o findProgram) Do() error { return doAndExplain(o) }

// What the calls are called that can be explained. Other packages have other names,
// so a failure of any list can be given to Explain. Those of the program have the
// path behind.
const (
	openWord      = "search openat2 "
	accessWord    = "search faccessat2 "
	kindWord      = "search fstat "
	directoryWord = "search directory "
	searchWord    = "search"
	execWord      = "execve "

	dirWord    = "cwd chdir"
	insideWord = "cwd getcwd"
	labelWord  = "label write"
)

// Calls remembers which of the candidates it is. Of those that are not there, or
// are no files, nothing is said, unless there is but one; nor of those that cannot
// be asked for at all, as with EIO: lookForProgram has seen that.
func (o findProgram) Calls(l *calls.List) {
	p := o.program
	list, which := p.candidates(), l.Space(8)
	t := newTrial(l)
	if strings.Contains(p.args[0], "/") {
		t.only(list[0])
	} else {
		t.search(list, which)
	}
	p.found = l.Load(which.Arg())
}

func (o findProgram) words() Words { return o.program.says }

func (o findProgram) String() string {
	name := o.program.args[0]
	if strings.Contains(name, "/") {
		return "find " + name
	}
	return "find " + name + " in " + o.program.searchPath()
}

// trial asks for executable files.
type trial struct {
	l       *calls.List
	st, how calls.Memory
}

func newTrial(l *calls.List) trial {
	return trial{l, l.Space(int(unsafe.Sizeof(unix.Stat_t{}))), pathOnly(l)}
}

func (t trial) mode() calls.Arg { return t.st.At(int(unsafe.Offsetof(unix.Stat_t{}.Mode))) }

// open closes again, for the caller may have a small RLIMIT_NOFILE.
func (t trial) open(name string) calls.Ref {
	open := t.l.Call(openWord+name, unix.SYS_OPENAT2, calls.CWD, t.l.Text(name), t.how.Arg(), calls.N(unix.SizeofOpenHow))
	t.l.Call("fstat", unix.SYS_FSTAT, open.Arg(), t.st.Arg())
	t.l.Close(open.Arg())
	return open
}

// finish asks for a regular file, and whether we may execute it.
func (t trial) finish(name string) (kind, access calls.Ref) {
	kind = t.l.Check(kindWord+name, t.mode(), unix.S_IFMT, unix.S_IFREG, unix.EACCES)
	access = t.l.Call(accessWord+name, unix.SYS_FACCESSAT2, calls.CWD, t.l.Text(name), calls.N(unix.X_OK), calls.N(unix.AT_EACCESS))
	return kind, access
}

// only fails if there is anything wrong with the file.
func (t trial) only(name string) {
	t.open(name)
	directory := t.l.Unless(t.l.Load(t.mode()), unix.S_IFMT, unix.S_IFDIR)
	failWith(t.l, directoryWord+name, unix.EACCES)
	directory.Here()
	t.finish(name)
}

// search puts the number of the first file that we may execute into which. If
// there is none, the first that we may not is what it fails of.
func (t trial) search(list []string, which calls.Memory) {
	var found []calls.Jump
	var tried [][2]calls.Ref
	for i, name := range list {
		open := t.open(name)
		kind, access := t.finish(name)
		t.l.Store(which.Arg(), calls.N(i))
		found = append(found, t.l.Jump())
		for _, r := range []calls.Ref{open, kind, access} {
			r.SkipTo(0)
		}
		tried = append(tried, [2]calls.Ref{open, access})
	}
	for i, name := range list {
		t.refused(tried[i][0], openWord+name)
		t.refused(tried[i][1], accessWord+name)
	}
	failWith(t.l, searchWord, unix.ENOENT)
	for _, j := range found {
		j.Here()
	}
}

// refused fails if r has failed with EACCES.
func (t trial) refused(r calls.Ref, name string) {
	not := t.l.UnlessErrno(r, unix.EACCES)
	failWith(t.l, name, unix.EACCES)
	not.Here()
}
