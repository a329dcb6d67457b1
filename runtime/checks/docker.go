package checks

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Docker is the Healthcheck of a docker-format image, or of docker's flags
// (docker's Engine API, HealthConfig). In JSON times are nanoseconds.
type Docker struct {
	Test          []string      `json:"Test"`                              // ["NONE"], ["CMD", arg…], ["CMD-SHELL", line]; empty is none, too
	Interval      time.Duration `json:"Interval,omitempty" least:"0"`      // 0 is 30 s
	Timeout       time.Duration `json:"Timeout,omitempty" least:"0"`       // 0 is 30 s
	StartPeriod   time.Duration `json:"StartPeriod,omitempty" least:"0"`   // 0 is none
	StartInterval time.Duration `json:"StartInterval,omitempty" least:"0"` // within StartPeriod; 0 is 5 s
	Retries       int           `json:"Retries,omitempty" least:"0"`       // 0 is 3
}

// ParseDocker reads a Healthcheck.
func ParseDocker(raw []byte) (Docker, error) {
	root, err := read(raw)
	if err != nil {
		return Docker{}, err
	}
	return docker(root)
}

func docker(root *node) (d Docker, err error) {
	err = fill(reflect.ValueOf(&d).Elem(), root)
	return d, err
}

// Spec makes docker's check ours, which is the same to the service: probed first
// an interval after its start, and each interval from then on. If there is a start
// period a startup check goes before it, which fails when docker's would: Retries
// intervals after that period. Spec returns nil if nothing is to be checked.
// Errors point to Test, Interval and so on.
func (d Docker) Spec() (*Spec, error) {
	exec, err := d.exec()
	if err != nil || exec == nil {
		return nil, err
	}
	s, err := d.timed(Check{Exec: exec})
	return s, blame("/Test", err)
}

// blame makes an error that points into the checks, which the user has not
// written, point to what was made into them.
func blame(field string, err error) error {
	var e *Error
	if errors.As(err, &e) && strings.HasPrefix(e.Field, "/checks/") {
		return &Error{Field: field, Err: e.Err}
	}
	return err
}

// timed gives a check docker's times.
func (d Docker) timed(live Check) (*Spec, error) {
	if err := d.complete(); err != nil {
		return nil, err
	}
	live.Name, live.Role, live.Failures = "healthcheck", Liveness, d.Retries
	live.Interval, live.Timeout, live.Delay = Duration(d.Interval), Duration(d.Timeout), Duration(d.Interval)
	s := &Spec{Checks: []Check{live}}
	if d.StartPeriod > 0 {
		start := live
		start.Name, start.Role = "healthcheck-start", Startup
		start.Interval, start.Delay = Duration(d.StartInterval), Duration(d.StartInterval)
		start.Grace = Duration(d.StartPeriod)
		start.Failures = startFailures(d)
		s.Checks = []Check{start, live}
	}
	if err := s.Complete(); err != nil {
		return nil, err
	}
	return s, nil
}

// startFailures is how often the startup check fails in Retries intervals.
func startFailures(d Docker) int {
	n := float64(d.Retries) * float64(d.Interval) / float64(d.StartInterval)
	return int(min(max(n, float64(d.Retries)), 1e9))
}

// exec is what Test says, nil for nothing.
func (d Docker) exec() (*Exec, error) {
	if len(d.Test) == 0 {
		return nil, nil
	}
	args := slices.Clone(d.Test[1:])
	switch d.Test[0] {
	case "NONE":
		if len(args) > 0 {
			return nil, fail("/Test/1", "nothing follows NONE")
		}
		return nil, nil
	case "CMD":
	case "CMD-SHELL":
		if len(args) > 0 {
			args = append([]string{"/bin/sh", "-c"}, args...)
		}
	default:
		return nil, fail("/Test/0", "%s: not NONE, CMD or CMD-SHELL", shown(d.Test[0]))
	}
	if len(args) == 0 {
		return nil, fail("/Test", "no command follows %s", d.Test[0])
	}
	return &Exec{Args: args}, nil
}

// complete fills docker's defaults in.
func (d *Docker) complete() error {
	for _, f := range []struct {
		field string
		value *time.Duration
		or    time.Duration
	}{
		{"/Interval", &d.Interval, 30 * time.Second},
		{"/Timeout", &d.Timeout, 30 * time.Second},
		{"/StartPeriod", &d.StartPeriod, 0},
		{"/StartInterval", &d.StartInterval, 5 * time.Second},
	} {
		switch {
		case *f.value == 0:
			*f.value = f.or
		case *f.value < time.Millisecond, Duration(*f.value) > longest:
			return fail(f.field, "%v: not from 1ms to %v, nor 0 for the default", *f.value, longest)
		}
	}
	if d.Retries < 0 || d.Retries > mostFailures {
		return fail("/Retries", "%d: not from 0 to %d", d.Retries, mostFailures)
	}
	if d.Retries == 0 {
		d.Retries = 3
	}
	return nil
}
