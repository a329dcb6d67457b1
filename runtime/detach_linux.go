package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/logs"
)

// Detachment is what a detached container has beside its heartbeat.
type Detachment struct {
	Logs   logs.Limits
	Remove bool // its directory, with the log and the record of its end, goes with it
	// Adopt leaves the container alone when its supervisor dies, until another mini
	// starts a new one. Else the container dies with it.
	Adopt bool
}

// errand is what the supervisor is told, beside the configuration.
type errand struct {
	Config     Config
	Facts      Facts
	Heartbeat  Heartbeat
	Checks     json.RawMessage `json:",omitempty"` // Heartbeat.Checks, as a health file
	Detachment Detachment
	Begun      time.Time
	Watched    bool
	Stepped    bool
	Adopts     bool // the container is there
	Revives    bool // the container was there, and has ended
}

// superviseCommand is what mini calls the supervisor of a detached container by.
const superviseCommand = "supervise"

// starterFd is the supervisor's channel to who started it.
const starterFd = 3

// Detach is Run by another process, in a session of its own, which stays for as
// long as the container does. It returns when the program runs, or with the
// reason why it does not; then nothing is left.
func Detach(c Config, f Facts, h Heartbeat, d Detachment) error {
	if err := d.Logs.Check(); err != nil {
		return err
	}
	var err error
	if c.Root, err = filepath.Abs(c.Root); err != nil {
		return err
	}
	c.Kept, c.Attached, c.Supervised, c.Adoptable = true, false, true, d.Adopt
	if d.Adopt && c.Spec.Process != nil && c.Spec.Process.Terminal {
		return errors.New("a container with a terminal cannot be adopted: the terminal ends with its supervisor")
	}
	if _, err := h.health(); err != nil {
		return err
	}
	if err := h.Tell.Check(); err != nil {
		return err
	}
	c.Notify, c.Entered = h.notify(), h.enters()
	plan, err := NewPlan(c, f)
	if err != nil {
		return err
	}
	for _, w := range plan.Warnings {
		h.Say(w.String())
	}
	e := errand{Config: c, Facts: f, Heartbeat: h, Detachment: d, Begun: time.Now(), Watched: h.Watch.After != nil, Stepped: h.Watch.Before != nil}
	if h.Checks != nil {
		if e.Checks, err = json.Marshal(h.Checks); err != nil {
			return err
		}
	}
	return (&Container{Plan: plan, watch: h.Watch}).entrust(e)
}

// entrust starts the supervisor and waits until the program runs. To it we are
// what a parent is to init.
func (c *Container) entrust(e errand) error {
	ours, theirs, err := pair()
	if err != nil {
		return err
	}
	defer ours.f.Close()
	p, err := startSupervisor(theirs.f, e.Config.ID)
	theirs.f.Close()
	if err != nil {
		return err
	}
	c.channel, c.Record.Pid = ours, p.Pid
	if err := c.instruct(e); err != nil {
		return err
	}
	// It speaks as init does.
	if _, err := (&goInit{c: c}).await(msgReady); err != nil {
		if errors.Is(err, errInitDied) {
			return fmt.Errorf("the container's supervisor: %w", err)
		}
		_, _ = p.Wait() // it has cleared away, and ends
		return err
	}
	return p.Release()
}

func (c *Container) instruct(e errand) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := c.channel.send(msgConfig, text); err != nil {
		return c.blame(err)
	}
	return c.blame(c.channel.send(msgSpec, e.Config.JSON))
}

// startSupervisor executes ourselves anew: nothing that this process has done
// until now weighs on the one that stays.
func startSupervisor(channel *os.File, id string) (*os.Process, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	// What our caller left open, such as the pipe that it reads our output from,
	// must not be held open for as long as the container lives.
	if err := unix.CloseRange(starterFd, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return nil, fmt.Errorf("close_range: %w", err)
	}
	p, err := os.StartProcess("/proc/self/exe", []string{"mini", superviseCommand, id}, &os.ProcAttr{
		Dir:   "/", // no directory is kept busy
		Files: []*os.File{null, null, null, channel},
		Sys:   &unix.SysProcAttr{Setsid: true}, // the end of our terminal is not its end
	})
	if err != nil {
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	return p, nil
}
