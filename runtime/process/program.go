package process

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// DefaultPath is where a program is looked for if process.env has no PATH.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// program is shared by the ops that find it, set its environment and start it.
type program struct {
	args []string
	env  []string
	path string // "" until it is found
}

// searchPath is PATH as the program will see it, and as the search uses it.
func (p *program) searchPath() string {
	if dirs, ok := lookEnv(p.env, "PATH"); ok {
		return dirs
	}
	return DefaultPath
}

// search finds a file as execvp(3) does: a name with a slash is a path, another
// is looked for in the directories of dirs, of which an empty one is the
// working directory. check says whether a path can be run. The first error that
// is not "not there" is the one that counts, if no file can be run.
func search(name, dirs string, check func(string) error) (string, error) {
	if strings.Contains(name, "/") {
		return name, check(name)
	}
	result := error(ErrNotFound)
	for dir := range strings.SplitSeq(dirs, ":") {
		candidate := path.Join(dir, name)
		if dir == "" || dir == "." {
			candidate = "./" + name
		}
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
