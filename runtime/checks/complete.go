package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of what can be asked for.
const (
	mostChecks   = 64
	mostFailures = 1_000_000_000
	longest      = Duration(365 * 24 * time.Hour)
	mostText     = 4096 // bytes of what is sent, or looked for
)

var (
	roles     = []string{string(Startup), string(Liveness), string(Readiness)}
	reactions = []string{string(None), string(Kill), string(Stop), string(Restart)}
)

// Complete fills in what was left to mini, and looks at all the rest. It is for a
// Spec that was made by hand: those of this package are complete. An error is an
// *Error that points into the Spec: /checks/0/http/url.
func (s *Spec) Complete() error {
	if s.OnFailure == "" {
		s.OnFailure = Restart
	}
	if err := oneOf("/onFailure", string(s.OnFailure), reactions); err != nil {
		return err
	}
	if len(s.Checks) == 0 || len(s.Checks) > mostChecks {
		return fail("/checks", "%d checks: from 1 to %d", len(s.Checks), mostChecks)
	}
	for i := range s.Checks {
		if err := s.Checks[i].complete(); err != nil {
			return below("/checks/"+strconv.Itoa(i), err)
		}
	}
	return s.nameChecks()
}

// nameChecks names those that have no name for their kinds, and holds all names
// to be different.
func (s *Spec) nameChecks() error {
	taken := map[string]int{}
	for i, c := range s.Checks {
		if first, twice := taken[c.Name]; twice && c.Name != "" {
			return fail(fmt.Sprintf("/checks/%d/name", i), "%s: /checks/%d has that name", shown(c.Name), first)
		}
		taken[c.Name] = i
	}
	for i := range s.Checks {
		c := &s.Checks[i]
		for n := 1; c.Name == ""; n++ {
			name := c.Kind()
			if n > 1 {
				name += "-" + strconv.Itoa(n)
			}
			if _, is := taken[name]; !is {
				c.Name, taken[name] = name, i
			}
		}
	}
	return nil
}

func (c *Check) complete() error {
	if err := checkName(c.Name); err != nil {
		return err
	}
	if c.Role == "" {
		c.Role = Liveness
	}
	if err := oneOf("/role", string(c.Role), roles); err != nil {
		return err
	}
	switch kinds := c.kinds(); {
	case len(kinds) == 0:
		return fail("", "asks nothing; it needs one of %s", strings.Join(allKinds, ", "))
	case len(kinds) > 1:
		return fail("/"+kinds[1], "a check asks one thing, and there is %s", kinds[0])
	}
	if err := c.completeKind(); err != nil {
		return below("/"+c.Kind(), err)
	}
	return c.completeTimes()
}

// completeKind looks at the part of the check that only its kind has.
func (c *Check) completeKind() error {
	switch {
	case c.Exec != nil:
		return c.Exec.complete()
	case c.HTTP != nil:
		return c.HTTP.complete()
	case c.TCP != nil:
		return c.TCP.check()
	case c.Unix != nil:
		return c.Unix.check()
	case c.GRPC != nil:
		return c.GRPC.check()
	case c.Notify != nil:
		return c.Notify.complete(c.Role)
	case c.Pressure != nil:
		return c.Pressure.complete(c.Role)
	}
	return c.Events.complete(c.Role)
}

// checkName allows what can be part of an annotation's name, and of a file's.
func checkName(name string) error {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_') {
			return fail("/name", "%s: letters, digits, - and _ make a name", shown(name))
		}
	}
	if len(name) > 63 {
		return fail("/name", "%s: longer than 63 characters", shown(name))
	}
	return nil
}

// oneOf holds a word against those that there are.
func oneOf(field, value string, known []string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return fail(field, "unknown %s%s", shown(value), suggest(value, known))
}
