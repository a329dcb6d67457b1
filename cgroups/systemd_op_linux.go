package cgroups

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// scope has systemd make the unit.
type scope struct {
	note
	unit       unit
	systemd    Systemd
	properties []property
}

func (s *scope) Do() error {
	keeper := s.systemd.Keeper
	switch {
	case s.unit.isSlice():
		keeper = new(int)
	case keeper == nil || *keeper == 0:
		return errors.New("no process to keep the scope")
	}
	return startUnit(s.unit.name, append(s.unit.properties(s.systemd.Description, *keeper), s.properties...))
}

// Undo ends the unit if it is ours.
func (s *scope) Undo() error { return StopUnit(s.unit.name, s.systemd.Description) }

// Journal is what has to be handed to StopUnit after a crash.
func (s *scope) Journal() string { return "unit " + s.unit.name + " " + s.systemd.Description }
func (s *scope) Shell() string   { return "" }

func (s *scope) String() string {
	return "systemd: start " + s.unit.name + " in " + s.unit.slice + assignments(s.properties)
}

// setProperties changes limits of a unit in systemd's eyes.
type setProperties struct {
	note
	unit       string
	properties []property
}

func (s *setProperties) Do() error { return setUnit(s.unit, s.properties) }
func (s *setProperties) String() string {
	return "systemd: set " + s.unit + assignments(s.properties)
}

// Shell has no way: systemctl's names are not all the bus's.
func (s *setProperties) Shell() string { return "" }

// assignments shows properties as systemctl takes them.
func assignments(list []property) string {
	var b strings.Builder
	for _, p := range list {
		switch v := p.value.(type) {
		case uint64:
			if v == infinity {
				fmt.Fprintf(&b, " %s=infinity", p.name)
				continue
			}
			fmt.Fprintf(&b, " %s=%d", p.name, v)
		case []byte:
			fmt.Fprintf(&b, " %s=%x", p.name, v)
		default:
			fmt.Fprintf(&b, " %s=%v", p.name, v)
		}
	}
	return b.String()
}

// openUnit opens the cgroup that systemd has made.
type openUnit struct {
	note
	group *Group
}

func (o *openUnit) Do() (err error) {
	if o.group.dir, err = openDir(unix.AT_FDCWD, o.group.path); err == nil {
		o.group.before = count(o.group.dir)
	}
	return err
}

// Journal is what has to be handed to Remove after a crash.
func (o *openUnit) Journal() string { return "cgroup " + o.group.path }
func (o *openUnit) String() string  { return "open " + o.group.path }
func (o *openUnit) Shell() string   { return "cgroup=" + quote(o.group.path) }
