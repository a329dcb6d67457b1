package bundle

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Overrides are the flags that change a configuration, under docker's names, as
// they were typed. The zero value changes nothing.
type Overrides struct {
	Memory    string   // bytes, 512k, 32m, 1.5g; max or -1: no limit
	CPUs      string   // processors, 1.5; max or -1: no limit
	PidsLimit string   // tasks, at least 1; max or -1: no limit
	Env       []string // K=V, or K: the caller's value; the last of a name counts
	Workdir   string   // absolute
	User      string   // user[:group], each a number or a name
	Hostname  string
	ReadOnly  bool
	Volumes   []string // source:destination[:option,…]
	Args      []string // instead of process.args
	Terminal  *bool    // nil: as it is
}

// Caller is what Apply must know of the one who typed the flags.
type Caller struct {
	Cwd     string   // absolute; relative volume sources start here
	Environ []string // as os.Environ gives it
	// Root is the container's root directory, for etc/passwd and etc/group. It
	// must not follow a link out of it; os.Root's FS does not. Only User uses
	// it; nil: names are refused.
	Root     fs.FS
	Rootless bool // an ordinary user, who may not idmap mounts
}

// Apply changes spec. Its errors name the flag; after one, spec may be changed
// in part.
func (o *Overrides) Apply(spec *specs.Spec, c Caller) error {
	if err := o.limits(spec); err != nil {
		return err
	}
	if err := o.process(spec, c); err != nil {
		return err
	}
	if o.Hostname != "" {
		spec.Hostname = o.Hostname
	}
	if o.ReadOnly {
		section(&spec.Root).Readonly = true
	}
	for _, v := range o.Volumes {
		m, err := volume(v, c.Cwd, mapped(spec) && !c.Rootless)
		if err != nil {
			return flagError("volume", v, err)
		}
		spec.Mounts = append(spec.Mounts, m)
	}
	return nil
}

// mapped says whether the container has ids of its own, which a bind mount can
// be shown in.
func mapped(spec *specs.Spec) bool {
	return spec.Linux != nil && len(spec.Linux.UIDMappings) > 0
}

// limits applies the flags that end up in the cgroup.
func (o *Overrides) limits(spec *specs.Spec) error {
	if o.Memory != "" {
		n, err := ParseSize(o.Memory)
		if err != nil {
			return flagError("memory", o.Memory, err)
		}
		section(&of(spec).Memory).Limit = &n
	}
	if o.CPUs != "" {
		n, err := quota(o.CPUs)
		if err != nil {
			return flagError("cpus", o.CPUs, err)
		}
		cpu, period := section(&of(spec).CPU), uint64(cpuPeriod)
		cpu.Quota, cpu.Period = &n, &period
	}
	if o.PidsLimit != "" {
		n, err := count(o.PidsLimit)
		if err != nil {
			return flagError("pids-limit", o.PidsLimit, err)
		}
		section(&of(spec).Pids).Limit = &n
	}
	return nil
}

// process applies the flags that end up in the process.
func (o *Overrides) process(spec *specs.Spec, c Caller) error {
	for _, e := range o.Env {
		if err := setenv(&section(&spec.Process).Env, e, c.Environ); err != nil {
			return flagError("env", e, err)
		}
	}
	if o.Workdir != "" {
		if o.Workdir[0] != '/' {
			return flagError("workdir", o.Workdir, fmt.Errorf("a path in the container must begin with /"))
		}
		section(&spec.Process).Cwd = o.Workdir
	}
	if o.User != "" {
		u, err := User(o.User, c.Root)
		if err != nil {
			return flagError("user", o.User, err)
		}
		u.Umask = section(&spec.Process).User.Umask
		spec.Process.User = u
	}
	if len(o.Args) > 0 {
		section(&spec.Process).Args = slices.Clone(o.Args)
	}
	if o.Terminal != nil {
		section(&spec.Process).Terminal = *o.Terminal
	}
	return nil
}

// section is the part of a configuration that p points to, made if missing.
func section[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

func of(spec *specs.Spec) *specs.LinuxResources {
	return section(&section(&spec.Linux).Resources)
}

func flagError(flag, value string, err error) error {
	return fmt.Errorf("--%s %q: %w", flag, value, err)
}

// setenv puts one --env into env: K=V, or K for the caller's own value. A name
// that the caller has not either is left as the configuration has it, as docker
// does. Every earlier setting of the name goes.
func setenv(env *[]string, flag string, environ []string) error {
	name, _, set := strings.Cut(flag, "=")
	switch {
	case name == "":
		return fmt.Errorf("a name must come before =")
	case strings.ContainsRune(flag, 0):
		return fmt.Errorf("a NUL cannot be passed on")
	}
	if !set {
		i := slices.IndexFunc(environ, func(e string) bool { return strings.HasPrefix(e, name+"=") })
		if i < 0 {
			return nil
		}
		flag = environ[i]
	}
	same := func(e string) bool { return e == name || strings.HasPrefix(e, name+"=") }
	kept := slices.DeleteFunc(slices.Clone(*env), same)
	*env = append(kept, flag)
	return nil
}
