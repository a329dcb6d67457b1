package rootfs

import (
	"errors"
	"fmt"
	"path"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// device is a node to be there.
type device struct {
	path         string
	kind         byte // c, b or p
	major, minor uint32
	mode         uint32 // permission bits
	uid, gid     uint32
}

// defaultDevices are those of config-linux.md, "Default Devices".
var defaultDevices = []device{
	{path: "/dev/null", kind: 'c', major: 1, minor: 3, mode: 0o666},
	{path: "/dev/zero", kind: 'c', major: 1, minor: 5, mode: 0o666},
	{path: "/dev/full", kind: 'c', major: 1, minor: 7, mode: 0o666},
	{path: "/dev/random", kind: 'c', major: 1, minor: 8, mode: 0o666},
	{path: "/dev/urandom", kind: 'c', major: 1, minor: 9, mode: 0o666},
	{path: "/dev/tty", kind: 'c', major: 5, minor: 0, mode: 0o666},
}

// defaultLinks: path and target. /dev/ptmx opens a terminal of the container's
// own instance of devpts.
var defaultLinks = [][2]string{
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/ptmx", "pts/ptmx"},
	{"/dev/core", "/proc/kcore"},
}

// devices plans nodes and links, once all mounts are there. A /dev that is
// bound from the host has its own, which are not to be touched.
func (p *planner) devices() error {
	if p.c.DefaultDevices && !p.boundDev() {
		for _, d := range defaultDevices {
			if !p.listed(d.path) {
				p.device(d, "")
			}
		}
		for _, l := range defaultLinks {
			p.mount = append(p.mount, &symlink{
				note: note{"", "Makes a link that the specification promises (config-linux.md, \"Default Devices\")"},
				path: l[0], target: l[1], tree: p.tree,
			})
		}
	}
	for i, d := range p.c.Devices {
		field := fmt.Sprintf("/linux/devices/%d", i)
		node, err := readDevice(d)
		if err != nil {
			return under(field, err)
		}
		if !p.linked(node) {
			p.device(node, field)
		}
	}
	return nil
}

func (p *planner) boundDev() bool {
	return slices.ContainsFunc(p.c.Mounts, func(m specs.Mount) bool {
		o, _ := parseOptions(m.Options)
		return path.Clean("/"+m.Destination) == "/dev" && (o.bind || m.Type == "bind" || m.Type == "rbind")
	})
}

// listed tells whether the configuration itself has a node at name.
func (p *planner) listed(name string) bool {
	return slices.ContainsFunc(p.c.Devices, func(d specs.LinuxDevice) bool {
		return path.Clean("/"+d.Path) == name
	})
}

// linked tells whether a node is there by the default link /dev/ptmx. Engines
// list the host's with all others for a privileged container; in that one, the
// multiplexer of its own devpts is meant, as in runc and crun.
func (p *planner) linked(d device) bool {
	return p.c.DefaultDevices && !p.boundDev() &&
		d.path == "/dev/ptmx" && d.kind == 'c' && d.major == 5 && d.minor == 2
}

func readDevice(d specs.LinuxDevice) (device, error) {
	node := device{mode: 0o666}
	var err error
	if node.path, err = inside(d.Path); err != nil {
		return node, &FieldError{"/path", err}
	}
	if node.path == "/" || node.path == "/proc" || underProc(node.path) {
		return node, &FieldError{"/path", errors.New("is no place for a device node")}
	}
	switch d.Type {
	case "c", "u":
		node.kind = 'c'
	case "b", "p":
		node.kind = d.Type[0]
	default:
		return node, &FieldError{"/type", fmt.Errorf("%q is none of c, b, u, p", d.Type)}
	}
	// The kernel keeps 12 bits of the major number and 20 of the minor.
	if node.kind != 'p' && (d.Major < 0 || d.Major >= 1<<12) {
		return node, &FieldError{"/major", fmt.Errorf("%d is not between 0 and 4095", d.Major)}
	}
	if node.kind != 'p' && (d.Minor < 0 || d.Minor >= 1<<20) {
		return node, &FieldError{"/minor", fmt.Errorf("%d is not between 0 and 1048575", d.Minor)}
	}
	node.major, node.minor = uint32(d.Major), uint32(d.Minor)
	if d.FileMode != nil {
		node.mode = uint32(*d.FileMode) & 0o7777
	}
	if d.UID != nil {
		node.uid = *d.UID
	}
	if d.GID != nil {
		node.gid = *d.GID
	}
	return node, nil
}

// device plans one node: made, or in a user namespace, where mknod is
// forbidden, bound from the host. Then it keeps the host's owner and mode.
func (p *planner) device(d device, field string) {
	if d.kind == 'p' || !p.c.UserNS && p.f.Privileged {
		p.mount = append(p.mount, &makeNode{
			note:   note{field, "Makes a device node (mknod(2), config-linux.md \"Devices\")"},
			device: d, tree: p.tree,
		})
		return
	}
	from := p.hostDevice(d, field, 0)
	if d.path == defaultDevices[0].path && d.major == 1 && d.minor == 3 {
		p.null = from // serves the masks as well
	}
	p.mount = append(p.mount, &bindNode{
		note:   note{field, "Shows the host's device node, since a user namespace may not make one (mknod(2), EPERM)"},
		device: d, from: from, tree: p.tree,
	})
}

// hostDevice plans to open the host's node of the same path, and to check that
// it is the device that is meant. attrs are those of the mount.
func (p *planner) hostDevice(d device, field string, attrs uint64) *slot {
	return p.openPath(&openTree{
		note: note{field, "Makes a mount of its own of the host's device node (open_tree(2))"},
		name: d.path, node: &d,
		calls: []setattr{{attr: unix.MountAttr{Attr_set: attrs, Propagation: unix.MS_PRIVATE}}},
	})
}
