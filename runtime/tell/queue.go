package tell

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A queue holds the events for one receiver, so many and no more. When it is
// full the oldest go: what was told last says most.
type queue struct {
	name    string // for people
	deliver func(context.Context, item) error
	say     func(string)

	ctx     context.Context // over: nothing is told any more
	cancel  context.CancelFunc
	closing chan struct{} // closed: what is there is to be told soon
	done    chan struct{} // closed: the goroutine has ended; nil: there is none

	mu      sync.Mutex
	items   []item
	bytes   int
	lost    uint64 // since the last one that got there
	total   uint64 // lost, ever
	failing bool
	wake    chan struct{} // there is something, or closing
	closed  bool
	under   bool // one is being delivered
	left    bool // what becomes of that one is not waited for
}

// item is an event on its way.
type item struct {
	line      []byte
	kind      Kind
	id, state string
	since     time.Time
}

// The bounds of a queue, and so of the memory that a receiver which hangs can
// cost.
const (
	maxItems = 128
	maxBytes = 256 << 10
)

func newQueue(name string, say func(string), deliver func(context.Context, item) error) *queue {
	q := &queue{name: name, say: say, deliver: deliver, wake: make(chan struct{}, 1), closing: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	return q
}

// put adds an item. The goroutine comes with the first one.
func (q *queue) put(i item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.items, q.bytes = append(q.items, i), q.bytes+len(i.line)
	for len(q.items) > maxItems || q.bytes > maxBytes {
		q.drop()
	}
	if q.done == nil {
		q.done = make(chan struct{})
		go q.run()
	}
	q.nudge()
}

// drop lets go of the oldest item; with the lock held.
func (q *queue) drop() {
	q.bytes -= len(q.items[0].line)
	q.items = q.items[1:]
	q.lost, q.total = q.lost+1, q.total+1
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// run delivers one after another until the queue is closed and empty.
func (q *queue) run() {
	defer close(q.done)
	for {
		i, ok := q.next()
		if !ok {
			return
		}
		q.settle(q.deliver(q.ctx, i))
	}
}

// next waits for an item. There is none when the queue is closed and empty, or
// its time is over.
func (q *queue) next() (item, bool) {
	for {
		q.mu.Lock()
		if len(q.items) > 0 && q.ctx.Err() == nil {
			i := q.items[0]
			q.items, q.bytes, q.under = q.items[1:], q.bytes-len(i.line), true
			i.line = withDropped(i.line, q.lost)
			q.mu.Unlock()
			return i, true
		}
		closed := q.closed
		if len(q.items) == 0 {
			q.items = nil // the memory of a burst
		}
		q.mu.Unlock()
		if closed {
			return item{}, false
		}
		<-q.wake
	}
}

// A complaint is the error of a receiver that got the event all the same.
type complaint struct{ error }

// settle counts what became of a delivery, unless it has been given up.
func (q *queue) settle(err error) {
	q.mu.Lock()
	if q.left {
		q.mu.Unlock()
		return
	}
	q.under = false
	lost := q.lost
	if _, got := err.(complaint); got || err == nil {
		q.lost = 0
	} else {
		q.lost, q.total = q.lost+1, q.total+1
	}
	q.mu.Unlock()
	if err == nil {
		q.recovered(lost)
	} else {
		q.trouble(err)
	}
}

// trouble says why the receiver does not get events, once until it does.
func (q *queue) trouble(err error) {
	q.mu.Lock()
	known := q.failing || q.left
	q.failing = true
	q.mu.Unlock()
	if !known {
		q.say(q.name + ": " + err.Error())
	}
}

func (q *queue) recovered(lost uint64) {
	q.mu.Lock()
	was := q.failing
	q.failing = false
	q.mu.Unlock()
	if was && lost > 0 {
		q.say(fmt.Sprintf("%s: works again; %d events did not get there", q.name, lost))
	} else if was {
		q.say(q.name + ": works again")
	}
}

// pause waits between two attempts, less long when the queue is being closed,
// and returns whether another makes sense.
func (q *queue) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	closing := q.closing
	for {
		select {
		case <-ctx.Done():
			return false
		case <-closing:
			closing = nil
			timer.Reset(min(d, hurry))
		case <-timer.C:
			return true
		}
	}
}

// hurry is the wait between two attempts at the end.
const hurry = 200 * time.Millisecond

// close gives the goroutine until the context is done to tell what is there, and
// says how many events never got there.
func (q *queue) close(ctx context.Context) {
	q.mu.Lock()
	q.closed = true
	q.nudge()
	q.mu.Unlock()
	close(q.closing)
	q.await(ctx)
	q.mu.Lock()
	late := uint64(len(q.items))
	if q.left = q.under; q.left {
		late++
	}
	q.lost, q.total = q.lost+late, q.total+late
	lost := q.lost
	q.items, q.bytes = nil, 0
	q.mu.Unlock()
	if lost > 0 {
		q.say(fmt.Sprintf("%s: %d events did not get there", q.name, lost))
	}
}

// await waits for the goroutine. When ctx is done it is told to end, which takes
// a moment; a receiver that hangs in the kernel is left behind.
func (q *queue) await(ctx context.Context) {
	defer q.cancel()
	if q.done == nil {
		return
	}
	select {
	case <-q.done:
		return
	case <-ctx.Done():
	}
	q.cancel()
	select {
	case <-q.done:
	case <-time.After(hurry):
	}
}

func (q *queue) dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total
}
