package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// job is a child process. status may be read after done is closed.
type job struct {
	pid    int
	done   chan struct{}
	status int
}

// start runs a program as a child.
func start(path string, argv, env []string, files descriptors) (*job, error) {
	p, err := os.StartProcess(path, argv, &os.ProcAttr{Env: env, Files: files.list()})
	if err != nil {
		return nil, err
	}
	j := &job{pid: p.Pid, done: make(chan struct{})}
	go func() {
		defer close(j.done)
		j.status = 127
		if state, err := p.Wait(); err == nil {
			j.status = exitStatus(state.Sys().(syscall.WaitStatus))
		}
	}()
	return j, nil
}

// exitStatus is what $? says: 128 + N after death by signal N.
func exitStatus(w syscall.WaitStatus) int {
	if w.Signaled() {
		return 128 + int(w.Signal())
	}
	return w.ExitStatus()
}

// waitFor waits for a child in the foreground.
func (s *Shell) waitFor(j *job) int {
	<-j.done
	return j.status
}

// subshell starts a shell on a piece of script.
func (s *Shell) subshell(script string, files descriptors) (*job, error) {
	argv := []string{"sh", "$=" + strconv.Itoa(s.pid), "?=" + strconv.Itoa(s.status), "!=" + s.last}
	for name, v := range s.vars {
		if !v.exported {
			argv = append(argv, name+"="+v.value)
		}
	}
	argv = append(append(argv, "-c", script, s.name), s.params...)
	return start(s.Self, argv, s.environ(), files)
}

// foreground runs a subshell and waits for it.
func (s *Shell) foreground(script string) error {
	j, err := s.subshell(script, s.files)
	if err != nil {
		return s.failed(err)
	}
	s.status = s.waitFor(j)
	return nil
}

// background starts a node and does not wait. As in every sh without job control,
// it reads an empty input.
func (s *Shell) background(n Node) {
	in, err := emptyInput()
	if err != nil {
		s.failed(err)
		return
	}
	defer in.Close()
	files := s.files
	files[0] = in
	j, err := s.launch(n, files)
	if err != nil {
		s.failed(err)
		return
	}
	s.jobs = append(s.jobs, j)
	s.last, s.status = strconv.Itoa(j.pid), 0
}

// emptyInput is /dev/null, or where there is none a pipe with no writer.
func emptyInput() (*os.File, error) {
	if f, err := os.Open(os.DevNull); err == nil {
		return f, nil
	}
	r, w, err := pipe()
	if err == nil {
		w.Close()
	}
	return r, err
}

// launch starts a node as a process: a program itself, anything else in a subshell.
func (s *Shell) launch(n Node, files descriptors) (*job, error) {
	simple, ok := n.(*Simple)
	if !ok || len(simple.Words) == 0 {
		return s.subshell(n.text(), files)
	}
	args, err := s.expandWords(simple.Words)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 || s.internal(args[0]) {
		return s.subshell(n.text(), files)
	}
	defer func(old descriptors) { s.files = old }(s.files)
	s.files = files
	files, done, err := s.redirect(simple.Redirects)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.program(args, simple.Assign, files)
}

// launchStatus reports why a program did not start, in words and as a status.
func (s *Shell) launchStatus(err error) int {
	s.complain(err)
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return 127
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.ENOEXEC), errors.Is(err, unix.EISDIR):
		return 126
	}
	return 1
}

// program starts an external program.
func (s *Shell) program(args []string, assign []Assign, files descriptors) (*job, error) {
	path, err := s.find(args[0])
	if err != nil {
		return nil, err
	}
	restore, err := s.assign(assign, true)
	defer restore()
	if err != nil {
		return nil, err
	}
	return start(path, args, s.environ(), files)
}

// find looks a program up in this shell's PATH.
func (s *Shell) find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	list, _ := s.lookup("PATH")
	for _, dir := range filepath.SplitList(list) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}
