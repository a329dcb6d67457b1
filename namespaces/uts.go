package namespaces

import (
	"errors"
	"fmt"
	"strings"

	"mini/namespaces/calls"
)

// maxName is the longest host or domain name in bytes, see uname(2).
const maxName = 64

// checkNames validates hostname and domainname.
func checkNames(c Config, ns *choice) error {
	return errors.Join(checkName("/hostname", c.Hostname, ns), checkName("/domainname", c.Domainname, ns))
}

func checkName(field, name string, ns *choice) error {
	switch {
	case name == "":
		return nil
	case len(name) > maxName:
		return &FieldError{field, fmt.Errorf("%d bytes long, and the kernel takes %d", len(name), maxName)}
	case strings.Contains(name, "\x00"):
		return &FieldError{field, errors.New("contains a zero byte")}
	case !ns.has(newUTS):
		return &FieldError{field, errors.New(`would rename the host: add {"type":"uts"} to /linux/namespaces`)}
	}
	ns.keep(newUTS, field)
	return nil
}

// nameOps set the names, from inside the uts namespace.
func nameOps(c Config) []Op {
	var ops []Op
	if c.Hostname != "" {
		ops = append(ops, &setName{
			note: note{"/hostname", "Gives the uts namespace its own host name; the host keeps its (sethostname(2))"},
			call: "sethostname", command: "hostname", name: c.Hostname, set: (*calls.List).Sethostname,
		})
	}
	if c.Domainname != "" {
		ops = append(ops, &setName{
			note: note{"/domainname", "Gives the uts namespace its own NIS domain name; the host keeps its (setdomainname(2))"},
			call: "setdomainname", command: "domainname", name: c.Domainname, set: (*calls.List).Setdomainname,
		})
	}
	return ops
}

// setName sets one of the two names a uts namespace has.
type setName struct {
	note
	call, command, name string
	set                 func(*calls.List, string) calls.Ref
}

func (s *setName) Calls(l *calls.List) { s.set(l, s.name).Named("") }
func (s *setName) Do() error           { return calls.Do(s) }
func (s *setName) String() string      { return fmt.Sprintf("%s %q", s.call, s.name) }
func (s *setName) Shell() string       { return s.command + " " + quote(s.name) }
