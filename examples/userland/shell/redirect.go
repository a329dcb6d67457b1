package shell

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openFlags are open(2)'s for each operator that names a file.
var openFlags = map[string]int{
	"<": os.O_RDONLY, ">": os.O_WRONLY | os.O_CREATE | os.O_TRUNC,
	">>": os.O_WRONLY | os.O_CREATE | os.O_APPEND, "<>": os.O_RDWR | os.O_CREATE,
}

// redirect returns the descriptors with the redirections done, and what closes
// the files it opened.
func (s *Shell) redirect(rs []Redirect) (files descriptors, done func(), err error) {
	files = s.files
	var opened []*os.File
	done = func() {
		for _, f := range opened {
			f.Close()
		}
	}
	for _, r := range rs {
		target, err := s.expandText(r.Target)
		if err == nil && openFlags[r.Op] == 0 && r.Op != "<" {
			err = files.duplicate(r.Fd, target)
		} else if err == nil {
			var f *os.File
			if f, err = openFile(target, openFlags[r.Op]); err == nil {
				files[r.Fd], opened = f, append(opened, f)
			}
		}
		if err != nil {
			done()
			return files, nil, err
		}
	}
	return files, done, nil
}

// openFile opens without the poller of Go, so that children get a plain
// blocking descriptor: a fifo waits for its other end as sh users expect.
func openFile(path string, flags int) (*os.File, error) {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o666)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// duplicate does N>&M and N>&-.
func (d *descriptors) duplicate(fd int, target string) error {
	if target == "-" {
		d[fd] = nil
		return nil
	}
	from, err := strconv.Atoi(target)
	if err != nil || from < 0 || from >= len(d) || d[from] == nil {
		return fmt.Errorf("%s: %w", target, unix.EBADF)
	}
	d[fd] = d[from]
	return nil
}

// list is d as os.StartProcess wants it.
func (d *descriptors) list() []*os.File {
	n := len(d)
	for n > 0 && d[n-1] == nil {
		n--
	}
	return d[:n]
}
