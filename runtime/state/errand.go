package state

import (
	"os"
	"path/filepath"
)

// errandFile is what the supervisor of a container that can be adopted was told:
// whoever comes after it has to know.
const errandFile = "errand.json"

// endedFile is what the supervisor of one that has ended was told: whoever
// starts it again has to know.
const endedFile = "ended.json"

// KeepErrand writes down what the supervisor was told. From then on the container
// waits to be adopted when its supervisor is killed.
func (d *Dir) KeepErrand(text []byte) error { return d.replace(errandFile, text) }

// Errand reads it.
func (d *Dir) Errand() ([]byte, error) { return os.ReadFile(filepath.Join(d.Path, errandFile)) }

// Adoptable says whether there is one.
func (d *Dir) Adoptable() bool {
	_, err := os.Lstat(filepath.Join(d.Path, errandFile))
	return err == nil
}

// KeepEnded writes down what the supervisor was told, when the container has ended.
func (d *Dir) KeepEnded(text []byte) error { return d.replace(endedFile, text) }

// Ended reads it.
func (d *Dir) Ended() ([]byte, error) { return os.ReadFile(filepath.Join(d.Path, endedFile)) }

// Overlay is the path of what a container has changed of its root, if that is
// kept from one run to the next.
func (d *Dir) Overlay() string { return filepath.Join(d.Path, "overlay") }

// Stream is the path of the named pipe of one of the program's streams.
func (d *Dir) Stream(name string) string { return filepath.Join(d.Path, name) }
