package notify

import "time"

// A Message is the assignments of one datagram (sd_notify(3)). The zero value of
// a field means that it does not say that.
type Message struct {
	Ready     bool // READY=1: started, or done with reloading
	Reloading bool // RELOADING=1; READY=1 follows
	Stopping  bool // STOPPING=1
	Watchdog  bool // WATCHDOG=1: still alive
	Trigger   bool // WATCHDOG=trigger: it has failed
	Barrier   bool // BARRIER=1: whoever sent it waits until all before it is dealt with

	// WatchdogEvery is the new longest time between two WATCHDOG=1
	// (WATCHDOG_USEC=).
	WatchdogEvery time.Duration
	// Extend asks that the time-out that runs end no sooner than so long from
	// now (EXTEND_TIMEOUT_USEC=).
	Extend time.Duration
	// At is the CLOCK_MONOTONIC of the sender, which goes with Reloading
	// (MONOTONIC_USEC=).
	At time.Duration

	// Status is a line for people: printable, at most MaxStatus bytes. With
	// HasStatus and "" the service takes back what it said.
	Status    string
	HasStatus bool

	MainPID    int    // MAINPID=, in the pid namespace of the sender: not to be trusted
	Errno      int    // ERRNO=
	BusError   string // BUSERROR=, as Status
	ExitStatus string // EXIT_STATUS=, as Status

	// Bad are assignments whose value could not be understood, printable and
	// few. Unknown names are passed over: they are for other listeners.
	Bad []string

	// The rest is known from the kernel, and of a received message only.
	PID   int    // sender, in our pid namespace; 0 if it cannot be seen from here
	UID   uint32 // of the sender, in our user namespace
	Files int    // descriptors that came along, which are closed already
}

// The bounds of a message.
const (
	MaxMessage = 4096 // bytes of a datagram; a longer one is not read (systemd's bound, too)
	MaxStatus  = 512  // bytes of a text, after it was made printable
	maxBad     = 4
)
