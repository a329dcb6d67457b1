package runtime

import (
	"io/fs"
	"os"
	"time"

	"mini/health"
	"mini/runtime/state"
	"mini/runtime/tell"
)

// own takes the container's name for all of its runs.
func (s *supervisor) own() (err error) {
	if s.dir, err = state.At(s.config.Root, s.config.ID); err != nil {
		return err
	}
	err = s.dir.Create(self())
	if s.onlyDead(err) {
		err = s.dir.Create(self())
	}
	s.config.Kept = true
	if err != nil {
		return err
	}
	return s.config.keepOverlay(s.dir)
}

// keepOverlay has all runs write to one place: it goes with the directory.
func (c *Config) keepOverlay(d *state.Dir) error {
	if !c.KeepOverlay || c.Overlay == nil {
		return nil
	}
	kept := *c.Overlay
	kept.Upper = d.Overlay()
	c.Overlay = &kept
	return ignore(os.Mkdir(kept.Upper, 0o700), fs.ErrExist)
}

// leave gives the name back, unless the container is to be kept.
func (s *supervisor) leave() error {
	if s.dir == nil || s.config.Keep && s.begun {
		return nil
	}
	return s.dir.Remove()
}

// announce begins to tell others what becomes of the container. Without a
// directory that outlives a run, and without anybody to be told, nothing is.
func (s *supervisor) announce() (err error) {
	if s.dir == nil {
		return nil
	}
	s.teller, err = tell.New(tell.Config{Settings: s.Tell, ID: s.config.ID, Dir: s.dir.Path, Sample: s.sample, Say: s.Say})
	if err != nil {
		return err
	}
	s.upward, err = lookUp(s.manager())
	if err == nil && s.upward != nil && s.Checks == nil {
		go s.tick()
	}
	return err
}

// manager is the process that the service manager means when it asks for signs
// of life: whoever started a detached container has passed that on.
func (s *supervisor) manager() int {
	if s.detached != nil {
		return os.Getppid()
	}
	return os.Getpid()
}

// tick is the beat of a container without checks: that it runs.
func (s *supervisor) tick() {
	if s.upward.every == 0 {
		return
	}
	for range time.Tick(s.upward.every / 2) {
		if s.running() != nil {
			_ = s.upward.beat() // report says what is wrong
		}
	}
}

// silence ends the telling; the last event is given time to arrive.
func (s *supervisor) silence() { s.teller.Close(tell.Patience) }

// tellDeath makes an event of the end of the last run.
func (s *supervisor) tellDeath() {
	if s.teller == nil {
		return // nobody is told, and to put it in words would be the hundredth part of a run
	}
	s.mu.Lock()
	d := s.death
	s.mu.Unlock()
	status := d.Status
	s.teller.Tell(tell.Event{
		Kind: tell.Died, Status: &status, Signal: d.Signal, Reason: d.String(), Death: d, Restarts: s.restarts(),
	})
}

// known is what the heartbeat has reported last.
func (s *supervisor) known() health.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

func (s *supervisor) restarts() int {
	now := s.known()
	return now.Restarts + now.RestartsReq
}
