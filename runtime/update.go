package runtime

import (
	"reflect"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/runtime/bundle"
)

// Update changes the limits of a container that runs, or waits to be started.
// What is not mentioned stays as it is, and so do the device rules, which others
// may have changed meanwhile. The frozen configuration is changed too, so that
// the next update and a restart see it.
func Update(root, id string, r specs.LinuxResources, w Watch) error {
	return withGroup(root, id, func(c *Container, _ specs.ContainerState) error {
		c.watch, r.Devices = w, nil
		spec := c.Plan.config.Spec
		if spec.Linux == nil {
			spec.Linux = &specs.Linux{}
		}
		if spec.Linux.Resources == nil {
			spec.Linux.Resources = &specs.LinuxResources{}
		}
		complete(&r, spec.Linux.Resources)
		if err := c.limit(r); err != nil {
			return err
		}
		lay(reflect.ValueOf(spec.Linux.Resources).Elem(), reflect.ValueOf(r))
		raw, err := bundle.Freeze(spec)
		if err != nil {
			return err
		}
		return c.dir.Freeze(raw)
	})
}

// limit applies resources, all of which the host must be able to.
func (c *Container) limit(r specs.LinuxResources) error {
	facts, err := cgroups.Probe()
	if err != nil {
		return err
	}
	config := cgroups.Config{Resources: &r, DefaultDevices: true}
	if config.Systemd, err = c.systemd(); err != nil {
		return err
	}
	ops, err := cgroups.Update(config, facts, c.Plan.group)
	if err != nil {
		return err
	}
	p := &Plan{}
	p.add(Late, ops...)
	return p.execute(Late, c.watch, noJournal)
}

// systemd is not nil if the container's cgroup is a unit of systemd's, which the
// journal knows.
func (c *Container) systemd() (*cgroups.Systemd, error) {
	lines, err := c.dir.Lines()
	for _, line := range lines {
		if strings.HasPrefix(line, "unit ") {
			return &cgroups.Systemd{}, err
		}
	}
	return nil, err
}

// complete adds the old value of a setting to the new one of another that is
// written to the same file of the kernel.
func complete(r *specs.LinuxResources, old *specs.LinuxResources) {
	if r.CPU != nil && old.CPU != nil && (r.CPU.Quota != nil || r.CPU.Period != nil) {
		r.CPU = &specs.LinuxCPU{
			Shares: r.CPU.Shares, Burst: r.CPU.Burst, Idle: r.CPU.Idle, Cpus: r.CPU.Cpus, Mems: r.CPU.Mems,
			RealtimeRuntime: r.CPU.RealtimeRuntime, RealtimePeriod: r.CPU.RealtimePeriod,
			Quota: either(r.CPU.Quota, old.CPU.Quota), Period: either(r.CPU.Period, old.CPU.Period),
		}
	}
	if r.Memory == nil || old.Memory == nil {
		return
	}
	m := *r.Memory
	unlimited := m.Limit != nil && *m.Limit == -1 // takes the limit of swap away too
	if m.Limit != nil && !unlimited {
		m.Swap = either(m.Swap, old.Memory.Swap)
	}
	if m.Swap != nil {
		m.Limit = either(m.Limit, old.Memory.Limit)
	}
	r.Memory = &m
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// lay puts what is set in src over dst, field by field.
func lay(dst, src reflect.Value) {
	for i := range src.NumField() {
		from, to := src.Field(i), dst.Field(i)
		switch {
		case from.IsZero():
		case from.Kind() == reflect.Pointer && from.Elem().Kind() == reflect.Struct && !to.IsNil():
			lay(to.Elem(), from.Elem())
		case from.Kind() == reflect.Map && !to.IsNil():
			for _, key := range from.MapKeys() {
				to.SetMapIndex(key, from.MapIndex(key))
			}
		default:
			to.Set(from)
		}
	}
}
