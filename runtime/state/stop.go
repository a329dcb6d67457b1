package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// stopFile says that someone asked for the container's end: its supervisor
// does not restart it.
const stopFile = "stop"

// AskStop tells the container's supervisor not to restart it.
func (d *Dir) AskStop() error {
	f, err := d.file(stopFile, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return err
	}
	return f.Close()
}

// UnaskStop takes that back, for a container that is started again.
func (d *Dir) UnaskStop() error {
	if err := os.Remove(filepath.Join(d.Path, stopFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// StopAsked says whether AskStop was called, by whatever process.
func (d *Dir) StopAsked() bool {
	_, err := os.Lstat(filepath.Join(d.Path, stopFile))
	return err == nil
}
