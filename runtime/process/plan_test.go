package process

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/hack/golden"
)

func ptr[T any](v T) *T { return &v }

var allowAll = &Filter{Program: []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}}}

func testFacts() Facts { return Facts{LastCap: 40, Permitted: upTo(40), SoftFiles: 1024} }

// labelFacts are of a kernel that takes labels.
func labelFacts() Facts {
	f := testFacts()
	f.AppArmor, f.SELinux = true, true
	return f
}

func small() Config {
	return Config{Process: &specs.Process{Args: []string{"sh"}, Cwd: "/", Env: []string{"PATH=/bin", "HOME=/"}}}
}

func full() Config {
	caps := []string{"CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"}
	return Config{
		Process: &specs.Process{
			Terminal: true,
			Args:     []string{"sh", "-c", "echo it's me"},
			Env:      []string{"PATH=/usr/bin:/bin", "A=1", "A=2"},
			Cwd:      "/work",
			User:     specs.User{UID: 1000, GID: 1001, Umask: ptr(uint32(0o27)), AdditionalGids: []uint32{5, 6}},
			Capabilities: &specs.LinuxCapabilities{Bounding: caps, Effective: caps[:2], Permitted: caps,
				Inheritable: caps[2:], Ambient: caps[2:]},
			Rlimits: []specs.POSIXRlimit{
				{Type: "RLIMIT_NOFILE", Soft: 1024, Hard: 4096},
				{Type: "RLIMIT_CORE", Soft: 0, Hard: unix.RLIM_INFINITY}},
			NoNewPrivileges: true,
			OOMScoreAdj:     ptr(100),
			Scheduler:       &specs.Scheduler{Policy: specs.SchedBatch, Nice: 5},
			IOPriority:      &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_BE, Priority: 3},
		},
		Personality:  &specs.LinuxPersonality{Domain: specs.PerLinux32},
		MemoryPolicy: &specs.LinuxMemoryPolicy{Mode: specs.MpolInterleave, Nodes: "0", Flags: []specs.MemoryPolicyFlagType{specs.MpolFStaticNodes}},
		Filter:       allowAll,
		Keyring:      "_ses.test",
		Pdeathsig:    unix.SIGKILL,
	}
}

func TestPlanGolden(t *testing.T) {
	userNS := full()
	userNS.UserNS = true
	userNS.UIDMappings = []specs.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
	userNS.GIDMappings = userNS.UIDMappings
	userNS.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_RT}
	early := full()
	early.Process.NoNewPrivileges = false
	init := small()
	init.Reaper = &Reaper{}
	init.DenySetgroups = true
	joins := full()
	joins.Joins, joins.Process.NoNewPrivileges = true, false
	joins.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "1", Final: "0,1"}
	joins.Process.ApparmorProfile, joins.Process.SelinuxLabel = "mini-default", "system_u:system_r:container_t:s0:c1,c2"
	joins.Filter = &Filter{Program: allowAll.Program, Flags: unix.SECCOMP_FILTER_FLAG_NEW_LISTENER}
	joins.Listener = &Listener{Path: "/run/agent.sock"}
	for name, c := range map[string]Config{"joins": joins, "small": small(), "full": full(), "userns": userNS, "filter-early": early, "init": init} {
		t.Run(name, func(t *testing.T) {
			steps, err := Plan(c, labelFacts(), new(int))
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, name+".golden", render(steps))
		})
	}
}

func render(s Steps) string {
	var b strings.Builder
	for _, stage := range []struct {
		name string
		ops  []Op
	}{{"before", s.Before}, {"spawn", s.Spawn}, {"open", s.Open}, {"look", s.Look}, {"ready", s.Ready}, {"last", s.Last}} {
		if len(stage.ops) > 0 {
			fmt.Fprintf(&b, "%s:\n", stage.name)
		}
		for _, op := range stage.ops {
			fmt.Fprintf(&b, "  %v\n    # %s\n", op, op.Why())
			if op.Field() != "" {
				fmt.Fprintf(&b, "    from %s\n", op.Field())
			}
			for line := range strings.Lines(op.Shell()) {
				fmt.Fprintf(&b, "    $ %s\n", strings.TrimSuffix(line, "\n"))
			}
		}
	}
	for _, w := range s.Warnings {
		fmt.Fprintf(&b, "warning: %s: %s\n", w.Field, w.Text)
	}
	return b.String()
}

func TestPlanRefuses(t *testing.T) {
	mapped := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1, Size: 10}, {ContainerID: 4294967290, HostID: 90, Size: 6}}
	for _, tt := range []struct {
		name  string
		edit  func(*Config)
		field string
		text  string
	}{
		{"no process", func(c *Config) { c.Process = nil }, "/process", "nothing to run"},
		{"no args", func(c *Config) { c.Process.Args = nil }, "/process/args", "name is needed"},
		{"empty program", func(c *Config) { c.Process.Args = []string{""} }, "/process/args", "name is needed"},
		{"NUL", func(c *Config) { c.Process.Args = []string{"a", "b\x00"} }, "/process/args/1", "NUL"},
		{"relative cwd", func(c *Config) { c.Process.Cwd = "work" }, "/process/cwd", "not an absolute path"},
		{"AppArmor", func(c *Config) { c.Process.ApparmorProfile = "x" }, "/process/apparmorProfile", "not enabled"},
		{"SELinux", func(c *Config) { c.Process.SelinuxLabel = "x" }, "/process/selinuxLabel", "not enabled"},
		{"SELinux keyring", func(c *Config) { c.Process.SelinuxLabel, c.Keyring = "x", "k" }, "/process/selinuxLabel", "not enabled"},
		{"initial processors", func(c *Config) { c.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "0-"} }, "/process/execCPUAffinity/initial", "no list of processors"},
		{"final processors", func(c *Config) { c.Process.ExecCPUAffinity = &specs.CPUAffinity{Final: "1024"} }, "/process/execCPUAffinity/final", "the highest being 1023"},
		{"env", func(c *Config) { c.Process.Env = []string{"A=1", "B"} }, "/process/env/1", "NAME=value"},
		{"env without name", func(c *Config) { c.Process.Env = []string{"=1"} }, "/process/env/0", "NAME=value"},
		{"umask", func(c *Config) { c.Process.User.Umask = ptr(uint32(1022)) }, "/process/user/umask", "decimal"},
		{"uid", func(c *Config) { c.Process.User.UID = 10 }, "/process/user/uid", "which has 0-9, 4294967290-4294967295: use one of those, or extend /linux/uidMappings"},
		{"gid", func(c *Config) { c.Process.User.GID = 11 }, "/process/user/gid", "/linux/gidMappings"},
		{"group", func(c *Config) { c.Process.User.AdditionalGids = []uint32{1, 12} }, "/process/user/additionalGids/1", "id 12 does not exist"},
		{"groups denied", func(c *Config) { c.Process.User.AdditionalGids = []uint32{1}; c.DenySetgroups = true }, "/process/user/additionalGids", "run mini as root"},
		{"rlimit", func(c *Config) { c.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_FOO"}} }, "/process/rlimits/0/type", `unknown resource "RLIMIT_FOO"`},
		{"rlimit twice", func(c *Config) {
			c.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_AS"}, {Type: "RLIMIT_CPU"}, {Type: "RLIMIT_AS"}}
		}, "/process/rlimits/2/type", "set already at /process/rlimits/0"},
		{"soft above hard", func(c *Config) { c.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_AS", Soft: 2, Hard: 1}} }, "/process/rlimits/0/soft", "above the hard limit"},
		{"oom", func(c *Config) { c.Process.OOMScoreAdj = ptr(1001) }, "/process/oomScoreAdj", "between"},
		{"policy", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{} }, "/process/scheduler/policy", "needed"},
		{"ISO", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedISO} }, "/process/scheduler/policy", "reserved"},
		{"nice", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Nice: 20} }, "/process/scheduler/nice", "-20 and 19"},
		{"priority", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Priority: 1} }, "/process/scheduler/priority", "SCHED_FIFO"},
		{"no priority", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedFIFO} }, "/process/scheduler/priority", "between 1 and 99"},
		{"deadline", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedDeadline, Runtime: 5} }, "/process/scheduler", "deadline"},
		{"period", func(c *Config) { c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Period: 5} }, "/process/scheduler", "only SCHED_DEADLINE"},
		{"flag", func(c *Config) {
			c.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Flags: []specs.LinuxSchedulerFlag{"X"}}
		}, "/process/scheduler/flags/0", "unknown"},
		{"io class", func(c *Config) { c.Process.IOPriority = &specs.LinuxIOPriority{Class: "X"} }, "/process/ioPriority/class", "unknown"},
		{"io priority", func(c *Config) {
			c.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_BE, Priority: 8}
		}, "/process/ioPriority/priority", "between"},
		{"memory mode", func(c *Config) { c.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: "X"} }, "/linux/memoryPolicy/mode", "unknown"},
		{"memory flag", func(c *Config) {
			c.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolLocal, Flags: []specs.MemoryPolicyFlagType{"X"}}
		}, "/linux/memoryPolicy/flags/0", "unknown"},
		{"no nodes", func(c *Config) { c.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolBind} }, "/linux/memoryPolicy/nodes", "at least one"},
		{"nodes", func(c *Config) { c.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolLocal, Nodes: "1"} }, "/linux/memoryPolicy/nodes", "takes no nodes"},
		{"node", func(c *Config) {
			c.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: specs.MpolBind, Nodes: "1-1024"}
		}, "/linux/memoryPolicy/nodes", "between 0 and 1023"},
		{"domain", func(c *Config) { c.Personality = &specs.LinuxPersonality{Domain: "BSD"} }, "/linux/personality/domain", "LINUX32"},
		{"persona flag", func(c *Config) {
			c.Personality = &specs.LinuxPersonality{Domain: "LINUX", Flags: []specs.LinuxPersonalityFlag{"X"}}
		}, "/linux/personality/flags/0", "none"},
		{"empty filter", func(c *Config) { c.Filter = &Filter{} }, "/linux/seccomp", "1 to 4096"},
		{"listener", func(c *Config) {
			c.Filter = &Filter{Program: allowAll.Program, Flags: unix.SECCOMP_FILTER_FLAG_NEW_LISTENER}
		}, "/linux/seccomp/listenerPath", "missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := small()
			c.UserNS, c.UIDMappings, c.GIDMappings = true, mapped, mapped
			tt.edit(&c)
			_, err := Plan(c, testFacts(), new(int))
			pointer, ok := err.(interface{ Pointer() string })
			if !ok {
				t.Fatalf("got %v, want an error with a pointer", err)
			}
			if pointer.Pointer() != tt.field || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want %s: …%s…", err, tt.field, tt.text)
			}
		})
	}
}

func TestPlanWarns(t *testing.T) {
	c := small()
	c.Process.User.Username = "me"
	c.Process.CommandLine = "x"
	c.Process.ExecCPUAffinity = &specs.CPUAffinity{}
	c.Process.Capabilities = &specs.LinuxCapabilities{
		Bounding:    []string{"CAP_CHOWN", "CAP_FOO", "CAP_BPF", "CAP_SYS_ADMIN"},
		Permitted:   []string{"CAP_CHOWN"},
		Effective:   []string{"CAP_CHOWN", "CAP_KILL"},
		Inheritable: []string{"CAP_CHOWN", "CAP_KILL"},
		Ambient:     []string{"CAP_CHOWN", "CAP_KILL"},
	}
	f := Facts{LastCap: 38, Permitted: upTo(40) &^ (1 << unix.CAP_SYS_ADMIN)}
	steps, err := Plan(c, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range steps.Warnings {
		got = append(got, w.Field+": "+w.Text)
	}
	want := []string{
		"/process/user/username: ignored: a user name is for Windows, Linux takes uid and gid",
		"/process/commandLine: ignored: a command line is for Windows, Linux takes args",
		`/process/capabilities/bounding: unknown capability "CAP_FOO"`,
		"/process/capabilities/bounding: CAP_BPF is newer than this kernel",
		"/process/capabilities/bounding: CAP_SYS_ADMIN cannot be granted: mini does not have it itself",
		"/process/capabilities/effective: {kill} left out: not in the permitted set",
		"/process/capabilities/inheritable: {kill} left out: not in the bounding set",
		"/process/capabilities/ambient: {kill} left out: not in the permitted set",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A plan must not depend on the plans made before it, nor change its input.
func TestPlanIsPure(t *testing.T) {
	c := full()
	first, err := Plan(c, testFacts(), new(int))
	if err != nil {
		t.Fatal(err)
	}
	second, _ := Plan(c, testFacts(), new(int))
	if render(first) != render(second) {
		t.Error("two plans of one configuration differ")
	}
	if !slices.Equal(c.Process.Env, full().Process.Env) {
		t.Errorf("the environment was changed: %q", c.Process.Env)
	}
}

func TestEmptyPidCell(t *testing.T) {
	c := full()
	c.UserNS = true
	steps, err := Plan(c, testFacts(), new(int))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range append(steps.Spawn, steps.Ready...) {
		if _, isIO := op.(setIOPriority); isIO {
			continue // not the parent's
		}
		if err := op.Do(); !errors.Is(err, errNoPid) {
			t.Errorf("%v: got %v, want %v", op, err, errNoPid)
		}
	}
}
