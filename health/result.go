package health

import "time"

// A Kind is what a probe came to.
type Kind uint8

const (
	Success Kind = iota
	Failure      // the service does not answer as it should
	Error        // the probe itself could not run: says nothing of the service
)

func (k Kind) String() string { return [...]string{"success", "failure", "error"}[k] }

// MaxOutput is how many bytes of a probe's output are kept.
const MaxOutput = 4096

// A Result is the outcome of one probe.
type Result struct {
	Kind     Kind
	Output   string // the first MaxOutput bytes, as they came
	Duration time.Duration
}
