package process

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// DefaultPath is where a program is looked for if process.env has no PATH.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// program is shared by the ops that find it, set its environment and start it.
type program struct {
	args  []string
	env   []string
	says  Words
	home  *home     // to be added to env; nil: nothing
	found calls.Ref // which of the candidates it is
}

// environment is that of the program, for a list that starts it.
func (p *program) environment(l *calls.List) ([]string, error) {
	if p.home == nil {
		return p.env, nil
	}
	dir, err := p.home.directory(l)
	return append(withoutHome(p.env), "HOME="+dir), err
}

// searchPath is PATH as the program will see it, and as the search uses it.
func (p *program) searchPath() string {
	if dirs, ok := lookEnv(p.env, "PATH"); ok {
		return dirs
	}
	return DefaultPath
}

// candidates are the paths that execvp(3) tries: a name with a slash is a path,
// another is looked for in the directories of PATH, of which an empty one is the
// working directory.
func (p *program) candidates() (list []string) {
	name := p.args[0]
	if strings.Contains(name, "/") {
		return []string{name}
	}
	for dir := range strings.SplitSeq(p.searchPath(), ":") {
		if dir == "" || dir == "." {
			list = append(list, "./"+name)
		} else {
			list = append(list, path.Join(dir, name))
		}
	}
	return list
}

// search finds a file as execvp(3) does. check says whether a path can be run. The
// first error that is not "not there" is the one that counts, if no file can be.
func (p *program) search(check func(string) error) (string, error) {
	list := p.candidates()
	if strings.Contains(p.args[0], "/") {
		return list[0], check(list[0])
	}
	result := error(ErrNotFound)
	for _, candidate := range list {
		err := check(candidate)
		if err == nil {
			return candidate, nil
		}
		if result == ErrNotFound && !absent(err) {
			result = &candidateError{candidate, err}
		}
	}
	return "", result
}

// absent errors mean that the search goes on as if there were nothing.
func absent(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) ||
		errors.Is(err, unix.ELOOP) || errors.Is(err, errDirectory)
}

// candidateError is a file found in PATH that cannot be run.
type candidateError struct {
	path string
	err  error
}

func (e *candidateError) Error() string { return e.path + ": " + e.err.Error() }
func (e *candidateError) Unwrap() error { return e.err }

// errDirectory is EACCES by another name: execve(2) does not tell them apart.
var errDirectory = errors.New("is a directory")
