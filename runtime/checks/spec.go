package checks

import "time"

// A Spec says how a service is asked and what is done if it does not answer.
type Spec struct {
	Checks    []Check  `json:"checks"`
	OnFailure Reaction `json:"onFailure,omitempty"` // of a startup or liveness check; "" is restart
}

// A Check asks one thing, in one way: exactly one of the pointers is not nil.
type Check struct {
	Name string `json:"name,omitempty"` // unique; "" becomes the kind
	Role Role   `json:"role,omitempty"` // "" becomes liveness

	Exec     *Exec     `json:"exec,omitempty"`
	HTTP     *HTTP     `json:"http,omitempty"`
	TCP      *TCP      `json:"tcp,omitempty"`
	Unix     *Unix     `json:"unix,omitempty"`
	GRPC     *GRPC     `json:"grpc,omitempty"`
	Notify   *Notify   `json:"notify,omitempty"`
	Pressure *Pressure `json:"pressure,omitempty"`
	Events   *Events   `json:"events,omitempty"`

	// Interval is from the end of a probe to the next one, Timeout the longest
	// that one may take. Both are 0 for a check that is not asked (see Push).
	Interval Duration `json:"interval,omitzero" least:"1ms"`
	Timeout  Duration `json:"timeout,omitzero" least:"1ms"`
	// Delay is from the start of the service, or from when it has started up if
	// there is a startup check, to the first probe.
	Delay Duration `json:"delay,omitzero"`
	// Grace is the time after a start in which failures do not count, up to the
	// first success.
	Grace Duration `json:"grace,omitzero"`
	// Failures and Successes are how many in a row change the verdict.
	Failures  int `json:"failures,omitzero" least:"1"`
	Successes int `json:"successes,omitzero" least:"1"`
}

// A Role is what the verdict of a check is for, as in Kubernetes.
type Role string

const (
	Startup   Role = "startup"   // the others wait for its success; its failure acts
	Liveness  Role = "liveness"  // its failure acts
	Readiness Role = "readiness" // its failure is told
)

// A Reaction is what is done about a service that has failed.
type Reaction string

const (
	None    Reaction = "none"    // it is told
	Kill    Reaction = "kill"    // SIGKILL; what follows is for the restart policy
	Stop    Reaction = "stop"    // ended, and not started again
	Restart Reaction = "restart" // ended and started again
)

// A Duration is a time.Duration which JSON spells as "1m30s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText is how JSON gets it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
