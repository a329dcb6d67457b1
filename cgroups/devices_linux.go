package cgroups

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// DeviceOp attaches the device program to the group. It has a type of its own
// because an ordinary user may not load it (EPERM), and the caller can decide
// whether the container can do without.
type DeviceOp struct {
	*deviceList
	group *Group
}

func (d *deviceList) op(g *Group) Op { return &DeviceOp{d, g} }

// Do loads the program and puts it in the place of the one that an earlier
// DeviceOp attached to the group, if any. Programs of others (systemd's
// DeviceAllow=) stay: a device must be allowed by all.
func (d *DeviceOp) Do() error {
	dir, err := d.group.open()
	if err != nil {
		return err
	}
	prog, err := loadProgram(d.program(), programName)
	if err != nil {
		return err
	}
	defer unix.Close(prog)
	old, err := ownPrograms(dir)
	if err != nil {
		return err
	}
	defer closeAll(old)
	if len(old) == 0 {
		return attachProgram(dir, prog, 0)
	}
	if err := attachProgram(dir, prog, old[0]); err != nil {
		return err
	}
	for _, fd := range old[1:] {
		if err := detachProgram(dir, fd); err != nil {
			return err
		}
	}
	return nil
}

// ownPrograms returns descriptors of the device programs attached to the
// group itself that have our name.
func ownPrograms(dir *os.File) ([]int, error) {
	ids, err := attachedPrograms(dir)
	if err != nil {
		return nil, err
	}
	var own []int
	for _, id := range ids {
		fd, err := programByID(id)
		if err == unix.ENOENT {
			continue // detached since
		}
		var name string
		if err == nil {
			if name, err = nameOfProgram(fd); name == programName {
				own = append(own, fd)
			} else {
				unix.Close(fd)
			}
		}
		if err != nil {
			closeAll(own)
			return nil, fmt.Errorf("look at device program %d: %w", id, err)
		}
	}
	return own, nil
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}

// DenyOnly tells whether no more was asked for than the denial of everything
// but the default devices, as in most configs. In a user namespace of its own
// a container cannot make device nodes that work anyway, and sees only those
// that are bound into it.
func (d *DeviceOp) DenyOnly() bool {
	for _, r := range d.asked {
		if r.allow {
			return false
		}
	}
	return true
}

func (d *DeviceOp) String() string {
	var rules []string
	for _, r := range d.asked {
		verb := "deny "
		if r.allow {
			verb = "allow "
		}
		rules = append(rules, verb+r.String())
	}
	if d.defaults {
		rules = append(rules, "allow the default devices")
	}
	return "attach device program (" + strings.Join(rules, ", ") + ")"
}

// Shell is empty: no common tool assembles eBPF.
func (d *DeviceOp) Shell() string { return "" }
