package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/rootfs"
	"mini/runtime/state"
)

// undo does the journal of a container backwards, then removes its
// directory. It is how every container ends, whether the set-up failed, the
// program exited, or mini was killed and gc found what was left. All of it
// may have been done before, in part or never. Then come the poststop hooks,
// whose failures only say tells of (runtime-spec, runtime.md, "Lifecycle").
func undo(d *state.Dir, say func(string)) error {
	if err := unwind(d, say); err != nil {
		return err
	}
	return d.Remove()
}

// unwind is undo but for the directory itself, which a detached container keeps
// from one run to the next.
func unwind(d *state.Dir, say func(string)) error {
	lines, err := d.Lines()
	if err != nil {
		return err
	}
	var failed []error
	for i := len(lines) - 1; i >= 0; i-- {
		if superseded(lines[i], lines) {
			continue
		}
		if err := undoLine(lines[i]); err != nil {
			failed = append(failed, fmt.Errorf("undo %s: %w", lines[i], err))
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...) // the directory stays, for the next try
	}
	if slices.Contains(lines, poststopLine) {
		poststop(d, say)
	}
	return d.Forget()
}

// superseded says that a later line tells more of the same group: by then it is gone.
func superseded(line string, lines []string) bool {
	group, is := strings.CutPrefix(line, "vacant-")
	return is && slices.Contains(lines, group)
}

// undoLine knows each kind of line that a step notes.
func undoLine(line string) error {
	what, rest, _ := strings.Cut(line, " ")
	switch what {
	case poststopLine: // by undo, when all else is done
		return nil
	case "cgroup":
		return cgroups.Remove(rest)
	case "vacant-cgroup":
		return cgroups.RemoveVacant(rest)
	case "unit":
		name, description, _ := strings.Cut(rest, " ")
		return cgroups.StopUnit(name, description)
	case "overlay-work":
		return rootfs.RemoveWork(rest)
	case "process":
		return endProcess(rest)
	case "file":
		if err := os.Remove(rest); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return errors.New("a newer mini wrote this line: undo it with that one")
}

// endProcess kills the init of a container. The kernel kills all others of
// its pid namespace with it (pid_namespaces(7)).
func endProcess(line string) error {
	init, err := parseIdentity(line)
	if err != nil {
		return err
	}
	if err := init.kill(); err != nil {
		return err
	}
	// If it is our child it is a zombie now.
	_, _ = unix.Wait4(init.pid, nil, unix.WNOHANG, nil)
	return nil
}

// dismantle ends the container and leaves nothing of it.
func (c *Container) dismantle() error {
	if c.Record.Pid == 0 {
		// Cloned, but not noted: only this process knows of it.
		if err := c.Plan.child.Abort(); err != nil {
			return err
		}
	}
	_ = c.Plan.keeper.end() // the end of its channel ends it too
	c.close()
	if c.Plan.config.Kept {
		return unwind(c.dir, c.watch.say)
	}
	return undo(c.dir, c.watch.say)
}

// close lets go of all descriptors.
func (c *Container) close() {
	c.dropMounts()
	if c.inside != nil {
		c.inside.close()
	}
	if c.Plan.group != nil {
		c.Plan.group.Close()
	}
	for _, f := range []*os.File{c.channel.f, c.Pty, c.Pidfd} {
		if f != nil {
			f.Close()
		}
	}
}
