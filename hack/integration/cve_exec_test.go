package integration

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// attack runs the attacker's program in a container while others are started there,
// and returns what it has got.
func (v victim) attack(trick string, changes ...func(*specs.Spec)) (got string) {
	v.t.Helper()
	v.copyInto(attackPath, "bin/attack")
	id := v.name()
	output := v.create(id, v.bundle(append(changes, func(s *specs.Spec) { s.Process.Args = []string{"/bin/attack", trick} })...))
	v.mini("start", id).wantStatus(v.t, 0)
	awaitText(v.t, output, "ready")
	// The time in which a process can be seen is short: go on until enough were.
	var text []byte
	starts := 0
	for seen := 0; seen < races/5 && starts < 20*races; seen = strings.Count(string(text), "saw ") {
		for range races {
			v.mini("exec", id, "/bin/true").wantStatus(v.t, 0)
		}
		starts += races
		text, _ = os.ReadFile(output)
	}
	if seen := strings.Count(string(text), "saw "); seen < races/5 {
		v.t.Errorf("no race: the attacker saw only %d of %d processes", seen, starts)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "host:") {
			got += line
		}
	}
	return got
}

// userNS leaves the user namespace in, with the attacked root idmapped by nothing.
func userNS(s *specs.Spec) {
	s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace})
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 0, Size: 65536}}
	s.Linux.UIDMappings, s.Linux.GIDMappings = ids, ids
}

// TestCVE20169962: a process that runc started in a container could be traced there,
// and its descriptors, directories of the host among them, be used, before it became
// the program. The attacker's process 1 looks at each process as soon as it is there.
func TestCVE20169962(t *testing.T) {
	for name, changes := range map[string][]func(*specs.Spec){
		"default":        nil,
		"SYS_PTRACE":     {capable("CAP_SYS_PTRACE"), noFilter},
		"user namespace": {userNS, capable("CAP_SYS_PTRACE"), noFilter},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			v.t, v.user.t = t, t
			if got := v.attack("descriptors", changes...); got != "" {
				t.Errorf("the attacker got\n%s", got)
			}
		})
	}
}

// TestCVE20169962Trace: and who has less capabilities than the runtime, as is usual,
// cannot attach to it at all.
func TestCVE20169962Trace(t *testing.T) {
	v := newVictim(t)
	if got := v.attack("trace", noFilter); got != "" {
		t.Errorf("the attacker got\n%s", got)
	}
}

// TestCVE202229162: runc exec --cap made capabilities inheritable, and what the
// caller of the runtime had of them must not reach the container either.
func TestCVE202229162(t *testing.T) {
	v := newVictim(t)
	id := v.name()
	v.create(id, v.bundle(sh("sleep 1000"), capable("CAP_NET_ADMIN")))
	v.mini("start", id).wantStatus(t, 0)
	sets := []string{"sh", "-c", "grep -E 'Cap(Inh|Amb)' /proc/self/status | tr -d '\\t'"}
	const none = "CapInh:0000000000000000\nCapAmb:0000000000000000\n"
	v.mini(append([]string{"exec", "--cap", "CAP_NET_ADMIN", "--cap", "CAP_SYS_ADMIN", id}, sets...)...).wants(t, 0, none)
	v.mini(append([]string{"exec", id}, sets...)...).wants(t, 0, none)
	for _, args := range [][]string{
		append([]string{"exec", id}, sets...),
		{"run", "--bundle", v.bundle(sh(sets[2])), v.name()},
	} {
		cmd := v.command(args...)
		caller := exec.Command("setpriv", append([]string{"--inh-caps", "+net_admin,+sys_admin", "--ambient-caps", "+net_admin,+sys_admin"}, cmd.Args...)...)
		finish(t, caller).wants(t, 0, none)
	}
}

// TestCVE202421626: runc had a directory of the host open while it entered the
// working directory, which could be named /proc/self/fd/N: the program started there.
// Tried with every number, by the configuration, by exec and by links of the image, and
// with descriptors that the caller of the runtime has left open.
func TestCVE202421626(t *testing.T) {
	v := newVictim(t)
	host, err := os.Open(v.host)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	leaked := []*os.File{host, host, host, host, host, host}
	for n := range 10 {
		if err := os.Symlink(fmt.Sprintf("/proc/self/fd/%d", n), fmt.Sprintf("%s/way%d", v.root, n)); err != nil {
			t.Fatal(err)
		}
	}
	id := v.name()
	v.create(id, v.bundle(sh("sleep 1000")))
	v.mini("start", id).wantStatus(t, 0)
	look := "cat secret ../secret ptmx; for f in /proc/self/fd/*; do cat $f/secret; done 2>/dev/null; pwd; " + openFds
	for n := range 14 {
		ways := []string{fmt.Sprintf("/proc/self/fd/%d", n), fmt.Sprintf("/proc/self/fd/%d/..", n)}
		if n < 10 {
			ways = append(ways, fmt.Sprintf("/way%d", n))
		}
		for _, cwd := range ways {
			dir := v.bundle(sh(look), func(s *specs.Spec) { s.Process.Cwd = cwd })
			for _, args := range [][]string{{"run", "--bundle", dir, v.name()}, {"exec", "--cwd", cwd, id, "sh", "-c", look}} {
				r := v.withFiles(nil, leaked, args...)
				v.contained(args, r)
			}
		}
	}
	r := v.withFiles(nil, leaked, "exec", id, "sh", "-c", look)
	v.contained([]string{"exec"}, r)
	if r.status != 0 {
		t.Errorf("status %d: %s", r.status, r.stderr)
	}
}

// contained requires that a program was not started outside, nor with more than its
// three descriptors.
func (v victim) contained(args []string, r result) {
	v.t.Helper()
	if strings.Contains(r.stdout, secret) {
		v.t.Errorf("%q: the host's file is seen inside: %s", args, r.stdout)
	}
	if r.status == 0 && !strings.HasSuffix(r.stdout, "\n012\n") {
		v.t.Errorf("%q: descriptors are left open: %s", args, r.stdout)
	}
}
