package tell

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Config is what a Teller is made from.
type Config struct {
	Settings
	ID  string // of the container
	Dir string // its directory, where the journal is; "" for no journal
	// Sample is asked for the numbers, by any goroutine but one at a time, from
	// the beginning of New to the end of Close. nil: there are no metrics.
	Sample func() Sample
	// Say is told what cannot be told otherwise, a line each. It may be called
	// by any goroutine and must not call the Teller.
	Say func(text string)
}

// Teller tells what happens to one container. Its methods may be called by
// several goroutines at once. A nil *Teller is silent.
type Teller struct {
	id     string
	say    func(string)
	queues []*queue
	file   *metricsFile // nil: none
	server *server      // nil: none

	mu      sync.Mutex // of the journal, which has the order of Tell's calls
	journal journal
	lost    uint64 // by the journal, ever
	closed  bool
}

// Patience is a good time to give Close at the end of a container.
const Patience = 5 * time.Second

// New begins to tell. The error is of a setting that does not work: an address
// that is taken, a directory that is not there.
func New(c Config) (*Teller, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	t := &Teller{id: c.ID, journal: journal{dir: c.Dir}}
	t.say = func(text string) {
		if c.Say != nil {
			c.Say(c.ID + ": " + text)
		}
	}
	t.enlist(c.Settings)
	if c.Sample == nil {
		return t, nil
	}
	return t, t.measure(c)
}

// enlist makes a queue for each receiver of events.
func (t *Teller) enlist(s Settings) {
	if len(s.OnEvent) > 0 {
		c := &command{argv: s.OnEvent, dir: s.OnEventDir, timeout: or(s.OnEventTimeout, DefaultTimeout)}
		t.queues = append(t.queues, newQueue("on-event "+short(strings.Join(s.OnEvent, " ")), t.say, c.deliver))
	}
	if s.Webhook != "" {
		w, _ := parseWebhook(s.Webhook) // Check has seen it
		q := newQueue("webhook "+redacted(s.Webhook), t.say, nil)
		q.deliver = func(ctx context.Context, i item) error {
			return w.deliver(ctx, i, q.pause, q.trouble)
		}
		t.queues = append(t.queues, q)
	}
}

// short is a command for people, in one line.
func short(command string) string {
	const width = 60
	line := strings.Join(strings.Fields(command), " ")
	if len(line) > width {
		return beginning(line, width) + "…"
	}
	return line
}

// measure opens what shows the metrics.
func (t *Teller) measure(c Config) (err error) {
	var one sync.Mutex
	page := func() []byte {
		one.Lock()
		defer one.Unlock()
		s := c.Sample()
		s.Dropped = t.Dropped()
		return AppendText(nil, s)
	}
	if c.MetricsListen != "" {
		if t.server, err = serve(c.MetricsListen, page); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	if c.MetricsFile == "" {
		return nil
	}
	if t.file, err = keep(c.MetricsFile, or(c.MetricsInterval, DefaultInterval), page, t.say); err != nil {
		if t.server != nil {
			t.server.close()
		}
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Tell tells an event. It is in the journal when Tell returns; nothing else is
// waited for.
func (t *Teller) Tell(e Event) {
	if t == nil {
		return
	}
	if t.note(e) {
		t.Changed()
	}
}

// note gives an event to the journal and to the queues, in the order of calls.
func (t *Teller) note(e Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	e.ID = t.id
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Time = e.Time.UTC().Round(0)
	i := item{line: e.line(), kind: e.Kind, id: e.ID, state: e.State, since: time.Now()}
	before := t.journal.dropped
	if err := t.journal.put(i.line); err != nil {
		t.say("the journal of events: " + err.Error())
	}
	if t.journal.dropped > before {
		t.lost++
	}
	for _, q := range t.queues {
		q.put(i)
	}
	return true
}

// Changed says that Sample has changed without an event: the metrics file is
// written soon.
func (t *Teller) Changed() {
	if t != nil && t.file != nil {
		t.file.changed()
	}
}

// Dropped is how many events did not get to a receiver, the journal included,
// so far.
func (t *Teller) Dropped() (n uint64) {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	n = t.lost
	t.mu.Unlock()
	for _, q := range t.queues {
		n += q.dropped()
	}
	return n
}

// Address is where MetricsListen listens: with port 0 the one that was given.
// "" if it does not.
func (t *Teller) Address() string {
	if t == nil || t.server == nil {
		return ""
	}
	return t.server.listener.Addr().String()
}

// Close tells what is still to be told, for at most so long, and ends all that
// goes on. Tell says nothing after that.
func (t *Teller) Close(within time.Duration) {
	if t == nil || t.shut() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var all sync.WaitGroup
	for _, q := range t.queues {
		all.Go(func() { q.close(ctx) })
	}
	all.Wait()
	if t.file != nil {
		t.file.close()
	}
	if t.server != nil {
		t.server.close()
	}
}

// shut ends Tell, and says whether it had been before.
func (t *Teller) shut() (before bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, t.closed = t.closed, true
	return before
}
