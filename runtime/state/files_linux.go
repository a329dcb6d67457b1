package state

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// Small files, by plain system calls: package os asks the kernel four more times
// at each open whether it could wait for the file, which no regular file can.

// readFile reads a whole file.
func readFile(path string) ([]byte, error) {
	fd, err := open(path, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	data := make([]byte, 0, 1024)
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
		n, err := again(func() (int, error) { return unix.Read(fd, data[len(data):cap(data)]) })
		data = data[:len(data)+max(n, 0)]
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 {
			return data, nil
		}
	}
}

// entry is what a directory says of a file in it.
type entry struct {
	name  string
	isDir bool
}

// readDir lists a directory, in the kernel's order.
func readDir(path string) (list []entry, err error) {
	fd, err := open(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	buf := make([]byte, 1024) // a name has 255 bytes at most
	for {
		n, err := again(func() (int, error) { return unix.Getdents(fd, buf) })
		if err != nil {
			return list, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		if n == 0 {
			return list, nil
		}
		list = appendEntries(list, path, buf[:n])
	}
}

// appendEntries takes struct linux_dirent64 apart (getdents(2)): the record's
// length at 16, the type at 18, then the name and a NUL.
func appendEntries(list []entry, path string, records []byte) []entry {
	for len(records) > 19 {
		record := records[:binary.NativeEndian.Uint16(records[16:])]
		records = records[len(record):]
		name, _, _ := bytes.Cut(record[19:], []byte{0})
		e := entry{string(name), record[18] == unix.DT_DIR}
		if e.name == "." || e.name == ".." {
			continue
		}
		if record[18] == unix.DT_UNKNOWN { // by some file systems
			info, err := os.Lstat(filepath.Join(path, e.name))
			e.isDir = err == nil && info.IsDir()
		}
		list = append(list, e)
	}
	return list
}

// writeFile makes a file that only its owner may read, or opens it with flags, and
// writes data to it.
func writeFile(path string, flags int, data []byte) error {
	fd, err := open(path, unix.O_WRONLY|unix.O_CREAT|flags)
	if err != nil {
		return err
	}
	for len(data) > 0 && err == nil {
		var n int
		n, err = again(func() (int, error) { return unix.Write(fd, data) })
		data = data[max(n, 0):]
	}
	if err == nil {
		err = unix.Close(fd)
	} else {
		unix.Close(fd)
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

func open(path string, flags int) (int, error) {
	fd, err := again(func() (int, error) { return unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600) })
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// again repeats a call that Go's preemption, which is a signal, has interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
