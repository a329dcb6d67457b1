package runtime

import (
	"os"
	"path/filepath"

	"mini/runtime/state"
)

// The steps that are runtime's own: the container's directory, what is kept
// in it, and the gate.

type makeDir struct {
	note
	dir *state.Dir
}

func (o makeDir) Do() error      { return o.dir.Create(self()) }
func (o makeDir) String() string { return "mkdir " + o.dir.Path }
func (o makeDir) Shell() string  { return "" }

type freezeConfig struct {
	note
	dir  *state.Dir
	json []byte
}

func (o freezeConfig) String() string { return "write " + filepath.Join(o.dir.Path, "config.json") }
func (o freezeConfig) Shell() string  { return "" }

func (o freezeConfig) Do() error { return o.dir.Freeze(o.json) }

// listen makes the gate, which init will hold.
type listen struct {
	note
	path string
	gate *os.File
}

func (o *listen) String() string { return "listen on " + o.path }
func (o *listen) Shell() string  { return "" }

func (o *listen) Do() (err error) {
	o.gate, err = listenGate(o.path)
	return err
}
