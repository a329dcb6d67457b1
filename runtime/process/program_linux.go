package process

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// findProgram comes after the change of user, so that the kernel answers for
// the user, and before the filter, which need not allow the search.
type findProgram struct {
	note
	program *program
}

func (o findProgram) Do() error {
	name := o.program.args[0]
	found, err := search(name, o.program.searchPath(), runnable)
	if err != nil {
		return o.program.explainSearch(err)
	}
	o.program.path = found
	return nil
}

func (o findProgram) String() string {
	name := o.program.args[0]
	if strings.Contains(name, "/") {
		return "find " + name
	}
	return "find " + name + " in " + o.program.searchPath()
}

// runnable asks for an executable file. A path through a magic link of /proc
// could name a file outside the container (CVE-2024-21626).
func runnable(name string) error {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return unix.Faccessat(unix.AT_FDCWD, name, unix.X_OK, unix.AT_EACCESS)
	case unix.S_IFDIR:
		return errDirectory
	}
	return unix.EACCES
}

// explainSearch makes the error of a search that found nothing to run.
func (p *program) explainSearch(err error) error {
	name := p.args[0]
	if errors.Is(err, ErrNotFound) {
		dirs := p.searchPath()
		return &ExecError{Program: name, Errno: unix.ENOENT, Phrase: ErrNotFound.Error(),
			Detail: "PATH=" + dirs + inventory(strings.Split(dirs, ":"))}
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
	return &ExecError{Program: name, Errno: errno, Detail: pathDetail(file, errno)}
}

// pathDetail says what there is in place of a file that cannot be run.
func pathDetail(file string, errno unix.Errno) string {
	switch errno {
	case unix.ENOENT:
		return strings.TrimPrefix(inventory([]string{path.Dir(file)}), "; ")
	case unix.EACCES:
		return modeDetail(file)
	case unix.ELOOP:
		return "too many symbolic links, or a magic link of /proc"
	}
	return ""
}

// modeDetail is what a person would look up with ls -l and id.
func modeDetail(file string) string {
	var st unix.Stat_t
	if unix.Stat(file, &st) != nil {
		return fmt.Sprintf("user %d may not search its directory", unix.Geteuid())
	}
	detail := fmt.Sprintf("%s has mode %04o, owner %d:%d; the user is %d:%d",
		file, st.Mode&0o7777, st.Uid, st.Gid, unix.Geteuid(), unix.Getegid())
	var fs unix.Statfs_t
	if unix.Statfs(file, &fs) == nil && fs.Flags&unix.ST_NOEXEC != 0 {
		detail += "; it is on a mount with noexec"
	}
	return detail
}

// shown is how many names of a directory are listed.
const shown = 8

// inventory lists the beginning of the first directory that has something.
func inventory(dirs []string) string {
	for _, dir := range dirs {
		if names := firstNames(dir); names != "" {
			return "; " + dir + " has: " + names
		}
	}
	if len(dirs) == 1 {
		return "; there is no directory " + dirs[0] + ", or it is empty"
	}
	return "; none of these directories has anything in it"
}

func firstNames(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return ""
	}
	var names []string
	for _, e := range entries[:min(shown, len(entries))] {
		names = append(names, e.Name())
	}
	if len(entries) > shown {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
