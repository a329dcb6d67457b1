package process

import (
	"errors"
	"path"

	"golang.org/x/sys/unix"
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

func (o lookForProgram) Do() error {
	_, err := search(o.program.args[0], o.program.searchPath(), func(name string) error {
		if !path.IsAbs(name) {
			name = path.Join(o.dir, name)
		}
		return present(name)
	})
	if err != nil {
		return o.program.explainSearch(err)
	}
	return nil
}

func (o lookForProgram) String() string {
	return "look for " + o.program.args[0]
}

// present asks for a file that someone may execute.
func present(name string) error {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if errors.Is(err, unix.EACCES) {
		return nil // a directory that is not root's, as on NFS
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
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
