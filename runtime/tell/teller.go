package tell

import "time"

// Config is what a Teller is made from.
type Config struct {
	Settings
	ID  string // of the container
	Dir string // its directory, where the journal is; "" for no journal
	// Sample is asked for the numbers, by any goroutine at any time between New
	// and the end of Close. nil: there are no metrics.
	Sample func() Sample
	// Say is told what cannot be told otherwise, a line each. It may be called
	// by any goroutine and must not call the Teller.
	Say func(text string)
}

// Teller tells what happens to one container. Its methods may be called by
// several goroutines at once. A nil *Teller is silent.
type Teller struct {
	c Config
}

// New begins to tell. The error is of a setting that does not work: an address
// that is taken, a directory that is not there.
func New(c Config) (*Teller, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &Teller{c: c}, nil
}

// Tell tells an event. It is in the journal when Tell returns; nothing else is
// waited for.
func (t *Teller) Tell(e Event) {}

// Changed says that Sample has changed without an event: the metrics file is
// written soon.
func (t *Teller) Changed() {}

// Dropped is how many events a receiver did not get, so far.
func (t *Teller) Dropped() uint64 { return 0 }

// Address is where MetricsListen listens: with port 0 the one that was given.
// "" if it does not.
func (t *Teller) Address() string { return "" }

// Close tells what is still to be told, for at most so long, and ends all that
// goes on. Tell says nothing after that.
func (t *Teller) Close(within time.Duration) {}

// Patience is a good time to give Close at the end of a container.
const Patience = 5 * time.Second
