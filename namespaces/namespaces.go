package namespaces

import (
	"fmt"
	"path"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// join is a namespace that exists and is entered by its path.
type join struct {
	kind  kind
	path  string
	field string // pointer of the path
	// own is a setting that will be changed inside, by pointer: this must not
	// be the namespace of the host then. Empty if there is none.
	own string
}

// choice is linux.namespaces, read and found good.
type choice struct {
	new   set
	joins []join
	index map[set]int // where in the list each type is
}

// has is true if the process will not be in our namespace of that type, as far
// as a plan can tell: a path may yet lead to our own.
func (c *choice) has(t set) bool {
	_, ok := c.index[t]
	return ok
}

// field is the pointer of one member of the namespace entry of type t.
func (c *choice) field(t set, member string) string {
	return fmt.Sprintf("/linux/namespaces/%d/%s", c.index[t], member)
}

// keep notes that the setting at field changes the namespace of type t.
func (c *choice) keep(t set, field string) {
	for i := range c.joins {
		if c.joins[i].kind.bit == t && c.joins[i].own == "" {
			c.joins[i].own = field
		}
	}
}

// choose reads a list of namespaces.
func choose(list []specs.LinuxNamespace, missing []specs.LinuxNamespaceType) (*choice, error) {
	c := &choice{index: map[set]int{}}
	for i, n := range list {
		if err := c.add(i, n, missing); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *choice) add(i int, n specs.LinuxNamespace, missing []specs.LinuxNamespaceType) error {
	field := func(member, format string, args ...any) error {
		return &FieldError{fmt.Sprintf("/linux/namespaces/%d/%s", i, member), fmt.Errorf(format, args...)}
	}
	k, known := kindOf(n.Type)
	switch {
	case !known:
		return field("type", "no such namespace type %q: use pid, network, mount, ipc, uts, user, cgroup or time", n.Type)
	case c.has(k.bit):
		return field("type", "%s is already in the list, at /linux/namespaces/%d", n.Type, c.index[k.bit])
	case slices.Contains(missing, n.Type):
		return field("type", "this kernel has no %s namespaces", n.Type)
	case n.Path != "" && !path.IsAbs(n.Path):
		return field("path", "%q is not an absolute path", n.Path)
	}
	c.index[k.bit] = i
	if n.Path == "" {
		c.new |= k.bit
	} else {
		c.joins = append(c.joins, join{kind: k, path: n.Path, field: c.field(k.bit, "path")})
	}
	return nil
}
