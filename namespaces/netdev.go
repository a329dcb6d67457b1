package namespaces

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// maxDevice is the longest name of a network device in bytes, IFNAMSIZ of
// netdevice(7) less the NUL.
const maxDevice = 15

// template stands for the lowest number that is free, in a device's new name
// (config-linux.md, "Network Devices").
const template = "%d"

// checkDevices validates linux.netDevices.
func checkDevices(c Config, f Facts, ns *choice) error {
	const field = "/linux/netDevices"
	switch {
	case len(c.NetDevices) == 0:
		return nil
	case !ns.has(newNet):
		return &FieldError{field, errors.New(`would stay on the host: add {"type":"network"} to /linux/namespaces`)}
	case !f.Privileged:
		return &FieldError{field, errors.New("only the host's root may move a network device: run mini as root")}
	}
	var errs []error
	seen := map[string]string{}
	for _, name := range sortedKeys(c.NetDevices) {
		at := field + "/" + escape(name)
		if err := checkDevice(name); err != nil {
			errs = append(errs, &FieldError{at, err})
		}
		inside := newName(name, c.NetDevices[name])
		if err := checkDevice(strings.Replace(inside, template, "0", 1)); err != nil {
			errs = append(errs, &FieldError{at + "/name", err})
		}
		if other := seen[inside]; other != "" && !strings.Contains(inside, template) {
			errs = append(errs, &FieldError{at + "/name", fmt.Errorf("%q is taken by %s", inside, other)})
		}
		seen[inside] = at
	}
	ns.keep(newNet, field)
	return errors.Join(errs...)
}

// checkDevice holds a name against the kernel's rules (dev_valid_name).
func checkDevice(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no name for a network device", name)
	case len(name) > maxDevice:
		return fmt.Errorf("%q is longer than the %d bytes of a network device's name", name, maxDevice)
	case strings.ContainsAny(name, "/:% \t\n\v\f\r\x00\u0085\u00a0"):
		return fmt.Errorf("%q has a character that names of network devices must not have", name)
	}
	return nil
}

// newName is what the device is called in the container.
func newName(name string, d specs.LinuxNetDevice) string {
	if d.Name != "" {
		return d.Name
	}
	return name
}

// deviceOps move the devices, in the order of their names, once the process is
// in its network namespace.
func deviceOps(c Config, child *Child) []Op {
	var ops []Op
	for _, name := range sortedKeys(c.NetDevices) {
		ops = append(ops, &moveDevice{
			note:   note{"/linux/netDevices/" + escape(name), "Takes the device away from the host, with its addresses, until the network namespace ends; then the kernel gives a physical one back and removes a virtual one (network_namespaces(7))"},
			name:   name,
			inside: newName(name, c.NetDevices[name]),
			child:  child,
		})
	}
	return ops
}

// moveDevice has no undo: the specification leaves the way back to the kernel,
// which takes it when the last process of the namespace has ended.
type moveDevice struct {
	note
	name, inside string
	child        *Child
}

func (m *moveDevice) String() string {
	s := "move network device " + m.name
	if m.inside != m.name {
		s += " as " + m.inside
	}
	return s
}

// Shell is empty: the script runs inside, and the device is outside.
func (m *moveDevice) Shell() string { return "" }
