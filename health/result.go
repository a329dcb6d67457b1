package health

import "time"

// A Kind is what a probe came to.
type Kind uint8

const (
	Success Kind = iota
	Failure      // the service does not answer as it should
	Error        // the probe itself could not run: says nothing of the service
	Moot         // the service has ended meanwhile: that is told by an event, and this is no result
)

var kindNames = [...]string{"success", "failure", "error", "moot"}

func (k Kind) String() string { return kindNames[k] }

// MaxOutput is how many bytes of a probe's output are kept.
const MaxOutput = 4096

// KeptResults is how many results of each check are kept.
const KeptResults = 5

// A Result is the outcome of one probe.
type Result struct {
	Check    int // the index in Config.Checks; Watch fills it in
	Kind     Kind
	Output   string        // the first MaxOutput bytes, as they came
	At       time.Duration // when it ended, on the clock of Service.Boottime; Watch fills it in
	Duration time.Duration // Watch fills it in, if it ran the probe
	CPU      time.Duration // user and system time that the probe took, if known
	Peak     uint64        // bytes of memory that it took at most, if known
}

// An Exit is how a service ended.
type Exit struct {
	Status int // 0 to 255, unless Signal is set
	Signal int // that killed it, 0 if none did
}

// Code is the status as a shell has it: 128 and the number of a signal.
func (e Exit) Code() int {
	if e.Signal != 0 {
		return 128 + e.Signal
	}
	return e.Status
}

// Failed says whether it ended other than with status 0.
func (e Exit) Failed() bool { return e.Code() != 0 }
