package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// The names of the files in a container's directory.
const (
	lockFile    = "lock"
	configFile  = "config.json"
	recordFile  = "state.json"
	gateFile    = "start.sock"
	journalFile = "journal"
	controlFile = "control.sock"
)

var (
	// ErrExists says that a container of this name is already there.
	ErrExists = errors.New("a container with this id exists already")
	// ErrNotFound says that there is no container of this name.
	ErrNotFound = errors.New("container does not exist")
	// ErrBusy says that a living mini process answers for the container.
	ErrBusy = errors.New("another mini process holds the container")
)

// Dir is the directory of one container.
type Dir struct {
	ID   string
	Path string // absolute
	lock *os.File
}

// At names the directory of container id below root without looking at it.
func At(root, id string) (*Dir, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	return &Dir{ID: id, Path: filepath.Join(root, id)}, nil
}

// creations is how often the root may vanish under one Create. A root that can
// never be made, a dangling symbolic link, looks the same.
const creations = 1000

// Create makes the directory of a new container and locks it for owner. It
// fails with ErrExists if there is one: of two creators at once one wins.
func (d *Dir) Create(owner string) error {
	var err error
	for range creations {
		// Whoever removes the last container removes the root with it, also
		// between two looks of MkdirAll, which then says that it is there.
		err = d.create(owner)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return err
}

func (d *Dir) create(owner string) error {
	root := filepath.Dir(d.Path)
	if err := os.MkdirAll(root, 0o711); err != nil {
		return err
	}
	// The root's lock keeps gc from meeting a directory that has no lock yet.
	unlock, err := LockRoot(root)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%q: %w", d.ID, ErrExists)
		}
		return err
	}
	return d.take(owner, os.O_CREATE)
}

// Open finds the directory of an existing container, without locking it.
func Open(root, id string) (*Dir, error) {
	d, err := At(root, id)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(d.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", id, ErrNotFound)
	} else if err != nil {
		return nil, err
	}
	return d, nil
}

// List names the containers below root, sorted. No root means no containers.
func List(root string) ([]string, error) {
	entries, err := readDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		if e.isDir && CheckID(e.name) == nil {
			ids = append(ids, e.name)
		}
	}
	slices.Sort(ids)
	return ids, err
}

// Remove deletes the directory. It is the last act for a container: as long
// as the directory is there, so is the journal of what is left to undo.
func (d *Dir) Remove() error {
	defer d.Unlock()
	entries, err := readDir(d.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The lock goes last: until then nobody else does this too.
	for _, e := range entries {
		if e.name == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(d.Path, e.name)); err != nil {
			return err
		}
	}
	_ = unix.Unlink(filepath.Join(d.Path, lockFile))
	if err := os.RemoveAll(d.Path); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(d.Path)) // the last one out; fails while others are in
	return nil
}

// Root is the directory of all containers, which this one is in.
func (d *Dir) Root() string { return filepath.Dir(d.Path) }

// Owned is the uid of the directory's owner in decimal digits, "" if it is gone.
func (d *Dir) Owned() string {
	var st unix.Stat_t
	if err := unix.Stat(d.Path, &st); err != nil {
		return ""
	}
	return strconv.FormatUint(uint64(st.Uid), 10)
}

// Gate is the path of the socket on which init waits for the start.
func (d *Dir) Gate() string { return filepath.Join(d.Path, gateFile) }

// Control is the path of the socket on which the supervisor of a detached
// container takes requests.
func (d *Dir) Control() string { return filepath.Join(d.Path, controlFile) }

// Forget takes back what a run has put into the directory and the next one puts
// there anew: the journal, all of which must have been undone, and the gate.
func (d *Dir) Forget() error {
	for _, name := range []string{gateFile, journalFile} {
		path := filepath.Join(d.Path, name)
		if err := unix.Unlink(path); err != nil && err != unix.ENOENT {
			return &fs.PathError{Op: "remove", Path: path, Err: err}
		}
	}
	return nil
}

// file opens one of the directory's files, close-on-exec and never through a
// symbolic link.
func (d *Dir) file(name string, flags int) (*os.File, error) {
	path := filepath.Join(d.Path, name)
	fd, err := open(path, flags)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
