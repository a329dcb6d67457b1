package runtime

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime/bundle"
	"mini/runtime/state"
)

// Host is another container, whose network is to be this one's, too.
//
// The two keep their own user namespaces, so that neither can touch the files and
// processes of the other. The network belongs to that of the host container: the
// other one can use it, but its root is nobody there. It can bind no port below
// 1024 (but for the sysctl ip_unprivileged_port_start), open no raw socket and
// change no setting. An ordinary user cannot enter a network without the user
// namespace that it belongs to, and so shares both.
type Host struct {
	ID    string
	Pid   int    // of its first process, as it is now
	Start uint64 // of that, in clock ticks since boot
	// Groups says that in its user namespace groups can be changed
	// (user_namespaces(7), /proc/PID/setgroups); of an ordinary user's.
	Groups bool
}

// ShareNetwork puts the container into the network of a running one. A restart
// looks for that again.
func (c *Config) ShareNetwork(id string, f Facts) error {
	if c.Spec.Linux != nil && len(c.Spec.Linux.NetDevices) > 0 {
		return errors.New("/linux/netDevices: the network is another container's")
	}
	c.Net = &Host{ID: id}
	return c.findNetwork(f)
}

// findNetwork writes into the configuration where the network is now.
func (c *Config) findNetwork(f Facts) error {
	if c.Net == nil {
		return nil
	}
	r, err := hosting(c.Root, c.Net.ID)
	if err != nil {
		return fmt.Errorf("the network of %w", err)
	}
	c.Net = &Host{ID: c.Net.ID, Pid: r.Pid, Start: r.Start}
	spec, linux := *c.Spec, specs.Linux{}
	if spec.Linux != nil {
		linux = *spec.Linux
	}
	for key := range linux.Sysctl {
		if strings.HasPrefix(key, "net.") || strings.HasPrefix(key, "net/") {
			return fmt.Errorf("/linux/sysctl/%s: the network is that of container %q: set it there", key, c.Net.ID)
		}
	}
	linux.Namespaces = joining(linux.Namespaces, specs.NetworkNamespace, fmt.Sprintf("/proc/%d/ns/net", r.Pid))
	if f.Rootless() {
		linux.Namespaces = joining(linux.Namespaces, specs.UserNamespace, fmt.Sprintf("/proc/%d/ns/user", r.Pid))
		linux.UIDMappings, linux.GIDMappings = nil, nil
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/setgroups", r.Pid))
		if err != nil {
			return err
		}
		c.Net.Groups = strings.TrimSpace(string(text)) == "allow"
	}
	spec.Linux = &linux
	c.Spec = &spec
	c.JSON, err = bundle.Freeze(&spec)
	return err
}

// hosting is the record of a container that runs.
func hosting(root, id string) (state.Record, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return state.Record{}, err
	}
	r, err := d.Load()
	if err != nil {
		return r, err
	}
	switch s := status(d, r); s {
	case specs.StateCreated, specs.StateRunning, statePaused:
		return r, nil
	default:
		return r, fmt.Errorf("%q: it is %s", id, s)
	}
}

// joining is a list of namespaces in which the one of a type is one that is there.
func joining(list []specs.LinuxNamespace, t specs.LinuxNamespaceType, path string) []specs.LinuxNamespace {
	list = slices.DeleteFunc(slices.Clone(list), func(n specs.LinuxNamespace) bool { return n.Type == t })
	return append(list, specs.LinuxNamespace{Type: t, Path: path})
}

// ownsNetwork says whether the container's root has rights over its network.
func (p *Plan) ownsNetwork() bool {
	if p.config.Net == nil {
		return p.owns(specs.NetworkNamespace)
	}
	return !slices.ContainsFunc(p.linux().Namespaces, func(n specs.LinuxNamespace) bool {
		return n.Type == specs.UserNamespace && n.Path == ""
	})
}

// sameHost holds that the network was entered of whom it was meant to be.
type sameHost struct {
	note
	host *Host
}

func (o sameHost) Do() error {
	if (identity{o.host.Pid, o.host.Start}).alive() {
		return nil
	}
	return fmt.Errorf("container %q has ended meanwhile", o.host.ID)
}

func (o sameHost) String() string { return "look whether container " + o.host.ID + " still runs" }
func (o sameHost) Shell() string  { return "" }

// hosted adds the look after the clone.
func (p *Plan) hosted() {
	if p.config.Net != nil {
		why := "The number of its process cannot have become that of another while its network was entered (pidfd_open(2))"
		p.add(Spawn, sameHost{note{why: why}, p.config.Net})
	}
}
