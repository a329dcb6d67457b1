package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Record is what is kept of a container. Pid and Start name its process
// beyond doubt: pids are used again, a pid with a start time is not.
type Record struct {
	Version     string            `json:"ociVersion"`
	ID          string            `json:"id"`
	Bundle      string            `json:"bundle"` // absolute
	Pid         int               `json:"pid,omitempty"`
	Start       uint64            `json:"start,omitempty"` // clock ticks since boot, proc_pid_stat(5) field 22
	Created     time.Time         `json:"created"`
	Ready       bool              `json:"ready"`            // set up, the gate can be opened
	Supervised  bool              `json:"supervised"`       // by a `mini run`: without it, it is to be cleared away
	Cgroup      string            `json:"cgroup,omitempty"` // absolute path in the host's file system
	Rootfs      string            `json:"rootfs"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Exit        *Exit             `json:"exit,omitempty"` // of a detached one that has ended for good: it stays until it is deleted
}

// Exit is how a detached container ended for good.
type Exit struct {
	State    string    `json:"state,omitempty"`    // exited, or failed: in spite of what was wanted
	Restarts int       `json:"restarts,omitempty"` // by the policy and by checks
	Status   int       `json:"status"`             // what mini run would have exited with
	Death    string    `json:"death"`              // the account of it in a line, or why it could not be started again
	At       time.Time `json:"at"`
	// Account is the whole of the last run's, as JSON that others know.
	Account json.RawMessage `json:"account,omitempty"`
}

// Save replaces the record in one step: a reader sees the old or the new one.
func (d *Dir) Save(r Record) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	return d.replace(recordFile, data)
}

// replace writes a file beside the old one and puts it in its place.
func (d *Dir) replace(name string, data []byte) error {
	tmp := filepath.Join(d.Path, name+".new")
	if err := writeFile(tmp, unix.O_TRUNC, data); err != nil {
		return err
	}
	if err := unix.Rename(tmp, filepath.Join(d.Path, name)); err != nil {
		return fmt.Errorf("rename %s: %w", tmp, err)
	}
	return nil
}

// Load reads the record. A container that died before it had one gives the
// zero Record with its ID.
func (d *Dir) Load() (Record, error) {
	data, err := readFile(filepath.Join(d.Path, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Record{ID: d.ID}, nil
	}
	if err != nil {
		return Record{}, err
	}
	var r Record
	if err := r.decode(data); err != nil {
		return Record{}, fmt.Errorf("read %s: %w", filepath.Join(d.Path, recordFile), err)
	}
	return r, nil
}

// Freeze keeps the configuration as it is now: restarts, exec and hooks use
// this copy, so a bundle that changes later changes nothing. It replaces an
// older copy in one step.
func (d *Dir) Freeze(config []byte) error { return d.replace(configFile, config) }

// Config reads the frozen configuration.
func (d *Dir) Config() ([]byte, error) {
	return readFile(filepath.Join(d.Path, configFile))
}
