package runtime

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/hack/golden"
	"mini/namespaces"
	"mini/rootfs"
	"mini/runtime/bundle"
	"mini/runtime/process"
	"mini/runtime/seccomp"
	"mini/runtime/wire"
)

// host is a machine with everything.
var host = Facts{
	Namespaces: namespaces.Facts{Privileged: true},
	Cgroups:    cgroups.Facts{Mode: cgroups.Unified, Mountpoint: "/sys/fs/cgroup", Base: "/", Controllers: []string{"cpu", "io", "memory", "pids"}},
	Rootfs:     rootfs.Facts{Privileged: true, LowerdirPlus: true, IdmappedLayers: true},
	Process:    process.Facts{LastCap: 40, Permitted: 1<<41 - 1, SoftFiles: 1024},
}

// planned is the default configuration, changed.
func planned(change func(*Config)) Config {
	spec := bundle.Default(bundle.Options{})
	spec.Linux.Seccomp = seccomp.Default(spec.Process.Capabilities.Bounding)
	c := Config{ID: "web", Root: "/run/mini", Bundle: "/bundle", Spec: spec, Overlay: &Overlay{}, Supervised: true}
	if change != nil {
		change(&c)
	}
	return c
}

func memory(bytes int64) func(*Config) {
	return func(c *Config) { c.Spec.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &bytes} }
}

var plans = []struct {
	name   string
	change func(*Config)
}{
	{"default", nil},
	{"limited", memory(32 << 20)},
	{"engine", func(c *Config) { c.Overlay, c.Supervised = nil, false }},
	{"terminal and reaper", func(c *Config) { c.Spec.Process.Terminal, c.Init = true, true }},
	{"hooks", func(c *Config) {
		hook := []specs.Hook{{Path: "/bin/hook"}}
		c.Spec.Hooks = &specs.Hooks{Prestart: hook, CreateRuntime: hook, CreateContainer: hook, StartContainer: hook, Poststart: hook}
	}},
}

func TestPlanGolden(t *testing.T) {
	for _, tt := range plans {
		t.Run(tt.name, func(t *testing.T) {
			p, err := NewPlan(planned(tt.change), host)
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, strings.ReplaceAll(tt.name, " ", "-")+".plan", text(p))
			if goes := needsGo(p); p.simple() != (goes == "") {
				t.Errorf("simple: %v; only Go code can %q", p.simple(), goes)
			}
		})
	}
}

func text(p *Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s\t%s\t[%s]\n", s.Stage, s, s.Field())
	}
	return filterSize.ReplaceAllString(b.String(), "$1 N")
}

// filterSize is of the default filter: each machine has calls of its own.
var filterSize = regexp.MustCompile(`(SET_MODE_FILTER) \d+`)

// TestPlanCrosses: init has to make the very plan that the parent made, from
// what crosses the channel.
func TestPlanCrosses(t *testing.T) {
	for _, tt := range plans {
		c := planned(tt.change)
		here, err := NewPlan(c, host)
		if err != nil {
			t.Fatal(err)
		}
		message, err := wire.Append(nil, boot{Config: c, Facts: host})
		if err != nil {
			t.Fatal(err)
		}
		var b boot
		if err := wire.Read(message, &b); err != nil {
			t.Fatal(err)
		}
		there, err := NewPlan(b.Config, b.Facts)
		if err != nil {
			t.Fatal(err)
		}
		if text(here) != text(there) {
			t.Errorf("%s: init's plan differs:\n%s\nthe parent's:\n%s", tt.name, text(there), text(here))
		}
	}
}

// TestPlanOrder holds what every plan has to keep to, whatever is in it.
func TestPlanOrder(t *testing.T) {
	for _, tt := range plans {
		p, err := NewPlan(planned(tt.change), host)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		for i, s := range p.Steps {
			if i > 0 && s.Stage < p.Steps[i-1].Stage {
				t.Errorf("%s: %s of stage %s comes after stage %s", tt.name, s, s.Stage, p.Steps[i-1].Stage)
			}
			if s.String() == "" || s.Why() == "" || strings.HasSuffix(s.Why(), ".") || s.Field() != "" && s.Field()[0] != '/' {
				t.Errorf("%s: step %d says too little: %q %q %q", tt.name, i+1, s, s.Why(), s.Field())
			}
			at[s.Name()] = i
		}
		for _, order := range [][2]string{
			{"runtime.makeDir", "cgroups.mkdir"},
			{"cgroups.mkdir", "namespaces.clone"},
			{"rootfs.mountFS", "rootfs.pivotRoot"},
			{"rootfs.pivotRoot", "rootfs.mask"},
			{"process.setNoNewPrivs", "process.loadFilter"},
			{"process.setUID", "process.loadFilter"},
			{"process.findProgram", "process.loadFilter"},
		} {
			first, there := at[order[0]]
			second, then := at[order[1]]
			if !there || !then || first > second {
				t.Errorf("%s: %s (step %d) has to come before %s (step %d)", tt.name, order[0], first+1, order[1], second+1)
			}
		}
	}
}

// TestPlanNamesTheSetting: an error in a configuration carries its pointer.
func TestPlanNamesTheSetting(t *testing.T) {
	for _, tt := range []struct {
		want   string
		change func(*Config)
	}{
		{"/process/cwd", func(c *Config) { c.Spec.Process.Cwd = "tmp" }},
		{"/linux/sysctl/vm.swappiness", func(c *Config) { c.Spec.Linux.Sysctl = map[string]string{"vm.swappiness": "1"} }},
		{"/linux/namespaces", func(c *Config) {
			c.Spec.Linux.Namespaces = []specs.LinuxNamespace{{Type: specs.UserNamespace}}
		}},
		{"/mounts/0/options", func(c *Config) { c.Spec.Mounts[0].Options = []string{"idmap"} }},
		{"/hooks/prestart/0/path", func(c *Config) { c.Spec.Hooks = &specs.Hooks{Prestart: []specs.Hook{{Path: "x"}}} }},
		{"/linux/resources/memory/swappiness", func(c *Config) {
			n := uint64(1)
			c.Spec.Linux.Resources.Memory = &specs.LinuxMemory{Swappiness: &n}
		}},
	} {
		_, err := NewPlan(planned(tt.change), host)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("NewPlan = %v, want an error at %s", err, tt.want)
		}
	}
}

// FuzzNewPlan: no configuration that can be read makes planning panic, and a
// plan that is accepted ends with execve.
func FuzzNewPlan(f *testing.F) {
	for _, tt := range plans {
		config, err := bundle.Freeze(planned(tt.change).Spec)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(config, true)
	}
	f.Fuzz(func(t *testing.T, config []byte, overlay bool) {
		spec, err := bundle.Decode(config)
		if err != nil || spec.Process == nil {
			return
		}
		c := Config{ID: "web", Root: "/run/mini", Bundle: "/bundle", Spec: spec}
		if overlay {
			c.Overlay = &Overlay{}
		}
		p, err := NewPlan(c, host)
		if err != nil {
			return
		}
		if goes := needsGo(p); p.simple() != (goes == "") {
			t.Errorf("simple: %v; only Go code can %q", p.simple(), goes)
		}
		last := ""
		for _, s := range p.Steps {
			if s.Stage == Last {
				last = s.Name()
			}
		}
		if last != "process.execProgram" {
			t.Errorf("the last step of stage last is %q", last)
		}
	})
}
