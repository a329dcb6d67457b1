package cgroups

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Where systemd is found. Its own socket is for root, and there before the bus.
// For the sockets of an ordinary user's see userSockets.
const (
	systemBus     = "/run/dbus/system_bus_socket"
	systemdSocket = "/run/systemd/private"
)

const (
	systemdName    = "org.freedesktop.systemd1"
	systemdPath    = "/org/freedesktop/systemd1"
	systemdManager = "org.freedesktop.systemd1.Manager"
	busName        = "org.freedesktop.DBus"
)

// dialSystemd connects to systemd, and has it tell us of jobs that end.
func dialSystemd() (*bus, error) {
	bus, private := systemBus, systemdSocket
	uid := hostUID()
	if uid != 0 {
		bus, private = userSockets(uid)
	}
	b, err := dialBus(bus, uid)
	if err != nil {
		direct, other := dialBus(private, uid)
		if other != nil {
			return nil, fmt.Errorf("systemd cannot be asked: %w", err)
		}
		return direct, nil // where everybody is told of jobs
	}
	match := &encoder{}
	match.string("type='signal',sender='" + systemdName + "',path='" + systemdPath + "',member='JobRemoved'")
	for _, m := range []busMessage{
		{path: "/org/freedesktop/DBus", dest: busName, iface: busName, member: "Hello"},
		{path: "/org/freedesktop/DBus", dest: busName, iface: busName, member: "AddMatch", bodyType: "s", body: match.b},
		{path: systemdPath, dest: systemdName, iface: systemdManager, member: "Subscribe"},
	} {
		if _, err := b.call(m); err != nil {
			b.close()
			return nil, fmt.Errorf("%s: %w", m.member, err)
		}
	}
	return b, nil
}

// manage calls a method of systemd's manager.
func (b *bus) manage(member, bodyType string, body *encoder) (*decoder, error) {
	d, err := b.call(busMessage{path: systemdPath, dest: systemdName, iface: systemdManager, member: member, bodyType: bodyType, body: body.b})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", member, err)
	}
	return d, nil
}

// job does what systemd answers with a job, and waits for its end.
func (b *bus) job(member, bodyType string, body *encoder) error {
	d, err := b.manage(member, bodyType, body)
	if err != nil {
		return err
	}
	job := d.string()
	for d.err == nil {
		m, err := b.signal()
		if err != nil {
			return fmt.Errorf("wait for %s: %w", member, err)
		}
		s := &decoder{b: m.body} // uoss: number, job, unit, result
		s.uint32()
		if ended := s.string(); m.member != "JobRemoved" || ended != job {
			continue
		}
		s.string()
		if result := s.string(); result != "done" {
			return fmt.Errorf("%s: systemd says: %s", member, result)
		}
		return nil
	}
	return d.err
}

// startUnit makes a transient unit and returns when its cgroup is there.
func startUnit(name string, properties []property) error {
	b, err := dialSystemd()
	if err != nil {
		return err
	}
	defer b.close()
	body := &encoder{}
	body.string(name)
	body.string("fail")
	body.properties(properties)
	body.array(8, func() {}) // no other units with it
	return b.job("StartTransientUnit", "ssa(sv)a(sa(sv))", body)
}

// setUnit changes properties of a unit until it ends.
func setUnit(name string, properties []property) error {
	b, err := dialSystemd()
	if err != nil {
		return err
	}
	defer b.close()
	body := &encoder{}
	body.string(name)
	body.bool(true) // runtime: not for the next boot
	body.properties(properties)
	_, err = b.manage("SetUnitProperties", "sba(sv)", body)
	return err
}

// StopUnit ends the unit that has this name and description, and returns when
// systemd has forgotten it. It is idempotent, and leaves a unit of the same name
// and another description alone: it is somebody else's. Where no systemd runs
// any more no unit is left either.
func StopUnit(name, description string) error {
	if _, err := os.Stat("/run/systemd/system"); errors.Is(err, os.ErrNotExist) { // sd_booted(3)
		return nil
	}
	b, err := dialSystemd()
	if err != nil {
		return err
	}
	defer b.close()
	if found, err := b.description(name); err != nil || found != description {
		return err
	}
	body := &encoder{}
	body.string(name)
	body.string("replace")
	err = b.job("StopUnit", "ss", body)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// description of a unit; systemd makes up one of the name for a unit that it
// does not know.
func (b *bus) description(name string) (string, error) {
	body := &encoder{}
	body.string(systemdName + ".Unit")
	body.string("Description")
	d, err := b.call(busMessage{path: objectPath(name), dest: systemdName, iface: busName + ".Properties", member: "Get", bodyType: "ss", body: body.b})
	if err != nil {
		return "", fmt.Errorf("Get Description: %w", err)
	}
	text, _ := d.variant()
	return text, d.err
}
