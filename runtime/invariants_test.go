package runtime

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/namespaces/calls"
)

// order is what holds in every plan: if both are in it, all steps of the first
// kind come before any of the second.
var order = [][2]string{
	{"runtime.makeDir", "namespaces.clone"},
	{"namespaces.clone", "namespaces.procWrite"},
	{"namespaces.clone", "namespaces.release"},
	{"rootfs.setPropagation", "rootfs.mountFS"}, // nothing is mounted that could spread to the host
	{"rootfs.openTree", "rootfs.pivotRoot"},
	{"rootfs.mountOverlay", "rootfs.enterRoot"},
	{"rootfs.enterRoot", "rootfs.mountFS"},
	{"rootfs.mountFS", "rootfs.pivotRoot"}, // the root is whole when it becomes the root
	{"rootfs.freshTmpfs", "rootfs.pivotRoot"},
	{"rootfs.attachTree", "rootfs.pivotRoot"},
	{"rootfs.bindNode", "rootfs.pivotRoot"},
	{"rootfs.makeNode", "rootfs.pivotRoot"},
	{"rootfs.symlink", "rootfs.pivotRoot"},
	{"rootfs.pivotRoot", "rootfs.detachOld"},
	{"rootfs.detachOld", "rootfs.mask"}, // a mask is of the container's own /proc
	{"rootfs.detachOld", "rootfs.readonlyPath"},
	{"rootfs.detachOld", "process.setUID"}, // the host's tree is gone before anything else is given up
	{"rootfs.mask", "process.setUID"},
	{"rootfs.readonlyPath", "process.setUID"},
	{"namespaces.setName", "process.setUID"},
	{"process.setGroups", "process.setGID"},
	{"process.setGID", "process.setUID"},
	{"process.dropBounding", "process.setUID"},
	{"process.setUID", "process.setCaps"},
	{"process.setCaps", "process.setAmbient"},
	{"process.setAmbient", "process.execProgram"},
	{"process.setNoNewPrivs", "process.loadFilter"},
	{"process.loadFilter", "process.execProgram"},
	{"process.loadNotifying", "process.execProgram"},
}

// sound says what is wrong with a plan that was accepted.
func sound(p *Plan) (wrong []string) {
	complain := func(words ...string) { wrong = append(wrong, strings.Join(words, " ")) }
	first, last := map[string]int{}, map[string]int{}
	for i, s := range p.Steps {
		if i > 0 && p.Steps[i-1].Stage > s.Stage {
			complain(s.Name(), "of stage", s.Stage.String(), "comes too late")
		}
		if _, seen := first[s.Name()]; !seen {
			first[s.Name()] = i
		}
		last[s.Name()] = i
		if s.String() == "" || s.Why() == "" || s.Field() != "" && s.Field()[0] != '/' {
			complain(s.Name(), "does not tell what, why or of which setting it is:", s.String(), s.Field())
		}
	}
	for _, pair := range order {
		earlier, is := last[pair[0]]
		later, and := first[pair[1]]
		if is && and && earlier > later {
			complain(pair[0], "comes after", pair[1])
		}
	}
	for _, once := range []string{"namespaces.clone", "rootfs.pivotRoot", "process.execProgram"} {
		if n := len(slices.Collect(named(p, once))); n != 1 {
			complain(once, "is not there once")
		}
	}
	if goes := needsGo(p); p.simple() != (goes == "") {
		complain("who is inside is not the one to do this:", goes)
	}
	if p.Steps[last["process.execProgram"]].Stage != Last || slices.ContainsFunc(p.Steps[last["process.execProgram"]+1:], ofStage(Last)) {
		complain("execve is not the last that init does")
	}
	return wrong
}

func named(p *Plan, name string) func(func(Step) bool) {
	return func(yield func(Step) bool) {
		for _, s := range p.Steps {
			if s.Name() == name && !yield(s) {
				return
			}
		}
	}
}

func ofStage(stage Stage) func(Step) bool { return func(s Step) bool { return s.Stage == stage } }

// needsGo is the first step inside that is not system calls, "" if there is none.
// There is no process that would do what they add.
func needsGo(p *Plan) string {
	for _, s := range p.Steps {
		l := calls.Hand{}.Errand()
		if s.Stage.Who() == "init" {
			s.Calls(l)
		}
		if errors.Is(l.Flush(), calls.ErrNone) {
			return s.String()
		}
	}
	return ""
}

// TestSimple: a hand is inside unless a step there needs a program.
func TestSimple(t *testing.T) {
	hook := []specs.Hook{{Path: "/bin/hook"}}
	for _, tt := range []struct {
		name   string
		change func(*Config)
		goes   string // the first step that only Go code can do
	}{
		{"default", nil, ""},
		{"hooks of the host", func(c *Config) {
			c.Spec.Hooks = &specs.Hooks{Prestart: hook, CreateRuntime: hook, Poststart: hook, Poststop: hook}
		}, ""},
		{"no hooks", func(c *Config) { c.Spec.Hooks = &specs.Hooks{} }, ""},
		{"createContainer", func(c *Config) { c.Spec.Hooks = &specs.Hooks{CreateContainer: hook} }, "run hook createContainer /bin/hook"},
		{"startContainer", func(c *Config) { c.Spec.Hooks = &specs.Hooks{StartContainer: hook} }, "run hook startContainer /bin/hook"},
		{"reaper", func(c *Config) { c.Init = true }, "execveat mini reap -- sh"},
		{"tmpcopyup", func(c *Config) {
			c.Spec.Mounts = append(c.Spec.Mounts, specs.Mount{Destination: "/var", Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup"}})
		}, "mount tmpfs on /var (tmpcopyup)"},
		{"seccomp agent", func(c *Config) {
			c.Spec.Linux.Seccomp = &specs.LinuxSeccomp{
				DefaultAction: specs.ActAllow, ListenerPath: "/agent",
				Syscalls: []specs.LinuxSyscall{{Names: []string{"mkdir"}, Action: specs.ActNotify}},
			}
		}, "seccomp"},
	} {
		c := planned(tt.change)
		p, err := NewPlan(c, host)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		e, err := planExec(Join{Process: c.Spec.Process}.config(c), host)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := needsGo(e); e.simple() != (got == "") {
			t.Errorf("%s: only Go code can %q in a further process; simple: %v", tt.name, got, e.simple())
		}
		if got := needsGo(p); !strings.HasPrefix(got, tt.goes) || p.simple() != (got == "") || (tt.goes == "") != (got == "") {
			t.Errorf("%s: only Go code can %q, want %q; simple: %v", tt.name, got, tt.goes, p.simple())
		}
	}
}

// filtered says how the filter stands to the rest: with no_new_privs nothing but
// execve comes behind it; without, the capabilities that loading it needs are
// still there.
func filtered(p *Plan) bool {
	at := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name() == "process.loadFilter" })
	if at < 0 {
		return true
	}
	if p.config.Spec.Process.NoNewPrivileges {
		return p.Steps[at+1].Name() == "process.execProgram"
	}
	caps := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name() == "process.setCaps" })
	return caps < 0 || at < caps
}

// chance changes a configuration by the numbers of r, mostly into one that is
// accepted.
func chance(r *rand.Rand, s *specs.Spec) {
	maybe := func(f func()) {
		if r.IntN(2) == 0 {
			f()
		}
	}
	shuffle := func() {
		r.Shuffle(len(s.Mounts), func(i, j int) { s.Mounts[i], s.Mounts[j] = s.Mounts[j], s.Mounts[i] })
	}
	maybe(shuffle)
	for range r.IntN(4) {
		to := []string{"/a", "/a/b", "/proc/x", "/dev/shm/y", "/etc/hosts", "/sys/fs/cgroup"}[r.IntN(6)]
		m := []specs.Mount{
			{Destination: to, Type: "tmpfs", Source: "tmpfs", Options: []string{"size=1m", "mode=700"}},
			{Destination: to, Type: "bind", Source: "/srv", Options: []string{"rbind", "ro", "rslave"}},
			{Destination: to, Type: "cgroup", Source: "cgroup"},
			{Destination: to, Type: "bind", Source: "data", Options: []string{"bind", "nosuid"}},
			{Destination: to, Type: "tmpfs", Source: "tmpfs", Options: []string{"tmpcopyup"}},
		}[r.IntN(5)]
		s.Mounts = append(s.Mounts, m)
	}
	maybe(func() { s.Linux.MaskedPaths = append(s.Linux.MaskedPaths, "/a", "/proc/x") })
	maybe(func() { s.Linux.ReadonlyPaths = append(s.Linux.ReadonlyPaths, "/a/b", "/etc") })
	maybe(func() { s.Root.Readonly = !s.Root.Readonly })
	maybe(func() { s.Process.NoNewPrivileges = !s.Process.NoNewPrivileges })
	maybe(func() { s.Process.Terminal = !s.Process.Terminal })
	maybe(func() {
		s.Process.User = specs.User{UID: uint32(r.IntN(1000)), GID: uint32(r.IntN(1000)), AdditionalGids: []uint32{7}}
	})
	maybe(func() { s.Process.Capabilities = nil })
	maybe(func() { s.Linux.Seccomp = nil })
	maybe(func() { s.Hostname = "" })
	maybe(func() {
		s.Linux.RootfsPropagation = []string{"", "private", "slave", "shared", "unbindable"}[r.IntN(5)]
	})
	maybe(func() {
		s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(n specs.LinuxNamespace) bool {
			return n.Type != specs.MountNamespace && r.IntN(4) == 0
		})
	})
	maybe(func() {
		s.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{{Path: "/hook"}}, StartContainer: []specs.Hook{{Path: "/hook"}}, Prestart: []specs.Hook{{Path: "/hook"}}}
	})
	maybe(func() { s.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_CORE", Soft: 1, Hard: 2}} })
}

// FuzzPlanIsSound: whatever configuration is accepted, its plan builds the root
// before it enters it, masks what is the container's own, and gives up everything
// in the right order.
func FuzzPlanIsSound(f *testing.F) {
	for seed := range uint64(400) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		c := planned(func(c *Config) { chance(r, c.Spec) })
		if r.IntN(2) == 0 {
			c.Overlay = &Overlay{}
		}
		p, err := NewPlan(c, host)
		if err != nil {
			return // TestMostAreAccepted: few are
		}
		for _, wrong := range sound(p) {
			t.Error(wrong)
		}
		if !filtered(p) {
			t.Error("the filter is loaded too early or too late")
		}
	})
}

// TestMostAreAccepted: the fuzz target above is about plans, not about refusals.
func TestMostAreAccepted(t *testing.T) {
	accepted, refusals := 0, map[string]int{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		if _, err := NewPlan(planned(func(c *Config) { chance(r, c.Spec) }), host); err != nil {
			refusals[err.Error()]++
		} else {
			accepted++
		}
	}
	if accepted < 200 {
		t.Errorf("only %d of 400 are accepted: %v", accepted, refusals)
	}
}
