package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Root is the root directory of a process, which can be looked at when the process
// has ended.
type Root struct{ dir, namespace *os.File }

// HoldRoot takes hold of the root of a process before it can end. With the root
// goes the mount namespace: with its end the mounts below the root would go.
func HoldRoot(pid int) (*Root, error) {
	proc := "/proc/" + strconv.Itoa(pid)
	dir, err := os.OpenFile(proc+"/root", unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	namespace, err := os.Open(proc + "/ns/mnt")
	if err != nil {
		dir.Close()
		return nil, err
	}
	return &Root{dir, namespace}, nil
}

// RootAt is the root of a process that does not end meanwhile.
func RootAt(dir *os.File) *Root { return &Root{dir: dir} }

// Close lets go of it; of nil, too.
func (r *Root) Close() error {
	if r == nil {
		return nil
	}
	err := r.dir.Close()
	if r.namespace != nil {
		err = errors.Join(err, r.namespace.Close())
	}
	return err
}

func (r *Root) files() files {
	if r == nil {
		return files{}
	}
	return files{list: calls.New, root: calls.N(r.dir.Fd()), resolve: unix.RESOLVE_IN_ROOT, outside: true}
}

// errNoRoot is nowhere to look.
var errNoRoot = errors.New("no root to look at")

// files are the files of the container as far as an explanation needs them. The
// zero value has none.
type files struct {
	list    func() *calls.List // of who can see them
	root    calls.Arg
	resolve uint64
	outside bool // ids are those of our user namespace, not the container's
}

// filesHere are those of this process.
func filesHere() files { return filesOf(calls.New) }

// filesOf are those of the process that does the lists.
func filesOf(list func() *calls.List) files {
	return files{list: list, root: calls.CWD, resolve: unix.RESOLVE_NO_MAGICLINKS}
}

// open begins a list with the opening of a file.
func (v files) open(name string, flags uint64) (*calls.List, calls.Arg, error) {
	if v.list == nil {
		return nil, calls.Arg{}, errNoRoot
	}
	l := v.list()
	fd := l.Openat2(v.root, name, unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: v.resolve})
	return l, fd.Arg(), nil
}

// stat follows links.
func (v files) stat(name string) (st unix.Stat_t, noexec bool, err error) {
	l, fd, err := v.open(name, unix.O_PATH)
	if err != nil {
		return st, false, err
	}
	file, _ := l.Fstat(fd)
	mount, _ := l.Fstatfs(fd)
	l.Close(fd)
	if err := l.Flush(); err != nil {
		return st, false, err
	}
	flags := calls.ReadStruct[unix.Statfs_t](mount).Flags
	return calls.ReadStruct[unix.Stat_t](file), flags&unix.ST_NOEXEC != 0, nil
}

// head is the first n bytes of a regular file.
func (v files) head(name string, n int) ([]byte, error) {
	if st, _, err := v.stat(name); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, fmt.Errorf("%s is no file to be read", name)
	}
	l, fd, err := v.open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
	if err != nil {
		return nil, err
	}
	content := l.Space(n)
	read := l.Read(fd, content)
	l.Close(fd)
	if n, err = read.Value(); err != nil {
		return nil, err
	}
	return content.Begin(n), nil
}

// maxDents is how many bytes of a directory are read at once, and maxParts how
// often at most: an engine's error needs no list of a million names.
const maxDents, maxParts = 32 << 10, 32

// names lists a directory, in no order.
func (v files) names(dir string) (names []string) {
	l, fd, err := v.open(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil
	}
	part := l.Space(maxDents)
	for range maxParts {
		n, err := l.Call("getdents64", unix.SYS_GETDENTS64, fd, part.Arg(), calls.N(maxDents)).Value()
		if err != nil || n == 0 {
			break
		}
		_, _, names = unix.ParseDirent(part.Begin(n), -1, names)
	}
	l.Close(fd)
	_ = l.Flush() // that of a list that could not be read
	return names
}
