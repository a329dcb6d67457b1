package cgroups

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// An Alarm waits for something that the kernel tells of a group by itself:
// nothing is asked again and again, and no thread waits. It is to be closed.
type Alarm struct {
	files []int // of the group; the first is what the alarm is about
	bell  *bell
	look  func() (text string, err error) // at what has happened since the last look; "" is nothing
}

// Wait returns when it has happened, with what there is to say of it. What
// happens between two calls ends the second at once. The error wraps ENODEV when
// nothing can happen any more, because the group was removed or has become
// empty; or it is that of the context. One goroutine may wait at a time.
func (a *Alarm) Wait(ctx context.Context) (string, error) {
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case _, open := <-a.bell.rung:
			if !open {
				return "", a.bell.err
			}
		}
		if text, err := a.look(); text != "" || err != nil {
			return text, err
		}
	}
}

// Close ends the alarm; the group stays open.
func (a *Alarm) Close() error {
	var err error
	if a.bell != nil {
		err = a.bell.close()
	}
	for _, fd := range a.files {
		unix.Close(fd)
	}
	a.bell, a.files = nil, nil
	return err
}

// open opens another file of the group for the alarm.
func (a *Alarm) open(g *Group, name string, flags int) error {
	dir, err := g.open()
	if err != nil {
		return err
	}
	fd, err := openat(int(dir.Fd()), name, flags)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	a.files = append(a.files, fd)
	return nil
}

// listen is the last step, with the error of those before.
func (a *Alarm) listen(err error) (*Alarm, error) {
	if err == nil {
		a.bell, err = newBell(a.files)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// PressureAlarm waits for pressure. It tells of each window in which there was
// as much as the trigger says. The error wraps ENOENT or EOPNOTSUPP where the
// kernel does not measure pressure (Linux 5.2, CONFIG_PSI, psi=1).
func (g *Group) PressureAlarm(t Trigger) (*Alarm, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	file, a := t.Resource+".pressure", &Alarm{}
	err := a.open(g, file, unix.O_RDWR)
	if err == nil {
		err = t.arm(a.files[0])
	}
	a.look = func() (string, error) {
		text, err := readAll(a.files[0], 0)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", file, err)
		}
		p, err := parsePressure(text)
		if err != nil {
			return "", fmt.Errorf("parse %s: %w", file, err)
		}
		return t.words(p), nil
	}
	return a.listen(err)
}

// arm writes the trigger, and the zero byte that the kernel wants at its end. It
// stays armed as long as the descriptor is open.
func (t Trigger) arm(fd int) error {
	_, err := unix.Write(fd, append([]byte(t.String()), 0))
	switch {
	case err == unix.EINVAL && t.Window%(2*time.Second) != 0:
		return fmt.Errorf("write %q to %s.pressure (without CAP_SYS_RESOURCE a window is a multiple of 2s): %w", t, t.Resource, err)
	case err != nil:
		return fmt.Errorf("write %q to %s.pressure: %w", t, t.Resource, err)
	}
	return nil
}

// EventsAlarm waits for a counter of an event file to grow: oom_kill of
// memory.events, max of pids.events (cgroup-v2.rst). If the group was made or
// taken by its plan, so does what it has grown since then: nothing that happens
// before the alarm is made is lost. The error wraps ENOENT if the group has not
// got the file's controller, or the file not the key.
func (g *Group) EventsAlarm(file, key string) (*Alarm, error) {
	if !strings.HasSuffix(file, ".events") && !strings.HasSuffix(file, ".events.local") || strings.Contains(file, "/") {
		return nil, fmt.Errorf("%q is not an event file", file)
	}
	a := &Alarm{}
	err := a.open(g, file, unix.O_RDONLY)
	if err == nil {
		err = a.open(g, "cgroup.events", unix.O_RDONLY)
	}
	c := counter{file: file, key: key}
	if err == nil {
		_, err = c.grown(a.files[0])
	}
	if g != nil && g.before != nil {
		c.last = g.before[file][key]
	}
	a.look = func() (string, error) {
		text, err := c.grown(a.files[0])
		if empty := c.inhabited(a.files[1]); text == "" && err == nil {
			err = empty
		}
		return text, err
	}
	if a, err = a.listen(err); err == nil {
		a.bell.ring() // for what happened before it
	}
	return a, err
}

// A counter is one line of an event file.
type counter struct {
	file, key string
	last      uint64
	populated bool // the group was, when last looked at
}

// grown says by how much since the last time.
func (c *counter) grown(fd int) (string, error) {
	events, err := readPairs(fd, c.file)
	if err != nil {
		return "", err
	}
	now, ok := events[c.key]
	if !ok {
		return "", fmt.Errorf("no %s in %s: %w", c.key, c.file, unix.ENOENT)
	}
	more := since(now, c.last)
	if c.last = now; more == 0 {
		return "", nil
	}
	return fmt.Sprintf("%s of %s grew by %d, to %d", c.key, c.file, more, now), nil
}

// inhabited is an error if the group was populated and is no more. Its removal
// would wake nobody, but it must be empty before.
func (c *counter) inhabited(fd int) error {
	events, err := readPairs(fd, "cgroup.events")
	if err != nil {
		return err
	}
	was := c.populated
	if c.populated = events["populated"] != 0; was && !c.populated {
		return fmt.Errorf("the group has become empty: %w", unix.ENODEV)
	}
	return nil
}

func readPairs(fd int, file string) (map[string]uint64, error) {
	text, err := readAll(fd, 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	events, err := parsePairs(text)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	return events, nil
}
