package runtime

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/state"
)

// putAway is what becomes of a container that has ended: nothing is left, or with
// Config.Keep all but its processes, until somebody deletes it.
func (s *supervisor) putAway(c *Container, d Death) error {
	if !s.config.Keep {
		return c.Remove()
	}
	defer c.close()
	c.Record.Exit = &state.Exit{Status: d.ExitStatus(), Death: d.String(), At: time.Now().UTC()}
	err := c.dir.Save(c.Record)
	if c.Plan.group != nil {
		// What a container without a pid namespace has left running.
		err = errors.Join(err, ignore(c.Plan.group.Kill(), unix.ENODEV))
	}
	return err
}
