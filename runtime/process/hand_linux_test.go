package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// TestLastIsStraight: there is nobody to be asked when the program is started. The
// exceptions are known.
func TestLastIsStraight(t *testing.T) {
	all := full()
	all.Process.ApparmorProfile, all.Process.SelinuxLabel = "mini-default", "system_u:system_r:container_t:s0"
	home := small()
	home.Process.Env = nil
	joins := full()
	joins.Joins, joins.Process.NoNewPrivileges = true, false
	joins.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "1", Final: "0,1"}
	f := labelFacts()
	for name, c := range map[string]Config{"small": small(), "all": all, "joins": joins, "home": home} {
		steps, err := Plan(c, f, new(int))
		if err != nil {
			t.Fatal(err)
		}
		l := calls.New()
		write(l, homeOnly(steps.Look))
		if err := l.Flush(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		write(l, steps.Last)
		if err := l.Straight(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, names := l.Left(); !strings.HasPrefix(names[len(names)-1], execWord) {
			t.Errorf("%s: ends in %q", name, names[len(names)-1])
		}
	}
}

// TestHandAndInitAgree: the program finds the same, whoever has done the last mile.
func TestHandAndInitAgree(t *testing.T) {
	needRoot(t)
	passwd := map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1001::/home/me:/bin/sh\n" +
		strings.Repeat("#\n", passwdSize) + "last:x:1001:1001::/home/last:/bin/sh\n"}
	all := full()
	all.Process.Rlimits = []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 100, Hard: 200}, {Type: "RLIMIT_CORE"}}
	last := showing(func(c *Config) { c.Process.User.UID = 1001 })
	early := full()
	early.Process.NoNewPrivileges = false
	for name, c := range map[string]Config{"small": small(), "all": all, "early": early, "last": last} {
		c.Process.Args = []string{"show", "one", "two words"}
		c.Process.Env = []string{"PATH=/none:/bin:/work"}
		f := probe(t)
		want := seen(t, mile{Root: newRoot(t, passwd), Config: c, Facts: f})
		got := walker(walkByHand).seen(t, mile{Root: newRoot(t, passwd), Config: c, Facts: f})
		for _, name := range []string{"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches", "Pid", "Tgid", "NSpid", "PPid"} {
			delete(want.Status, name)
			delete(got.Status, name)
		}
		for key := range want.Status {
			if strings.HasPrefix(key, "Vm") || strings.HasPrefix(key, "Rss") || key == "Threads" || key == "State" || strings.HasPrefix(key, "Sig") {
				delete(want.Status, key)
				delete(got.Status, key)
			}
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if keyring := got.Keyring; c.Keyring != "" && !strings.HasSuffix(keyring, c.Keyring) {
			t.Errorf("%s: keyring %q", name, keyring)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s:\nhand %s\ninit %s", name, a, b)
		}
	}
}

// TestHandInUserNamespace begins as root with all capabilities, but only there.
func TestHandInUserNamespace(t *testing.T) {
	needRoot(t)
	maps := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 2000}}
	root := newRoot(t, map[string]string{"bin/plain": "text"})
	if err := os.Chown(filepath.Join(root, "bin/plain"), 100005, 100006); err != nil {
		t.Fatal(err)
	}
	c := showing(func(c *Config) {
		c.UserNS, c.UIDMappings, c.GIDMappings = true, maps, maps
		c.Process.User = specs.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{7}}
		c.Process.Capabilities = &specs.LinuxCapabilities{
			Bounding: []string{"CAP_SYS_RESOURCE"}, Permitted: []string{"CAP_SYS_RESOURCE"},
			Inheritable: []string{"CAP_SYS_RESOURCE"}, Ambient: []string{"CAP_SYS_RESOURCE"},
		}
		c.Filter = allowAll
	})
	m := mile{Root: root, Config: c, Facts: probe(t)}
	v := walker(walkByHand).seen(t, m)
	for name, want := range map[string]string{
		"Uid": "1000 1000 1000 1000", "Gid": "1001 1001 1001 1001", "Groups": "7", "Seccomp": "2",
		"CapBnd": "0000000001000000", "CapPrm": "0000000001000000", "CapEff": "0000000001000000",
	} {
		if got := v.Status[name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	c.Process.Args = []string{"/bin/plain"}
	_, f := walkByHand(t, m)
	if f == nil || !strings.Contains(f.Text, "owner 5:6; the user is 1000:1001") {
		t.Errorf("got %v", f)
	}
}

// TestBoundingWithoutRight: who may not drop anything need not, if there is nothing.
func TestBoundingWithoutRight(t *testing.T) {
	needRoot(t)
	last := probe(t).LastCap
	for _, dropped := range []bool{true, false} {
		l := startHand(t, small()).List()
		if dropped {
			dropBounding{keep: 1 << unix.CAP_KILL, last: last}.Calls(l)
		}
		setCaps{}.Calls(l)
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		strong := l.Beside()
		dropBounding{keep: 1 << unix.CAP_KILL, last: last}.Calls(strong)
		if err := strong.Flush(); !errors.Is(err, unix.EPERM) {
			t.Errorf("dropped %v: got %v", dropped, err)
		}
		weak := l.Beside()
		dropBounding{keep: 1 << unix.CAP_KILL, last: last, weak: true}.Calls(weak)
		if err := weak.Flush(); dropped && err != nil || !dropped && (!errors.Is(err, unix.EPERM) || err.Error() != "drop {chown}: operation not permitted") {
			t.Errorf("dropped %v: got %v", dropped, err)
		}
	}
}

// TestSizeOfLast: the usual last stage, of which most calls are there for what does
// not happen, fits in a few pages.
func TestSizeOfLast(t *testing.T) {
	c := full()
	c.Process.Env = []string{"PATH=" + DefaultPath, "HOME=/"}
	steps, err := Plan(c, testFacts(), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := calls.New()
	write(l, steps.Last)
	if err := l.Straight(); err != nil {
		t.Fatal(err)
	}
	_, names := l.Left()
	t.Logf("%d calls", len(names))
	if len(names) > 250 {
		t.Errorf("%d calls", len(names))
	}
}

// TestFilesBeyondHardLimit: mini may have been started with more than a hook or a
// user namespace has left to init.
func TestFilesBeyondHardLimit(t *testing.T) {
	needRoot(t)
	eachWay(t, "soft", func(t *testing.T, way walker) {
		f := probe(t)
		f.SoftFiles = 1<<32 + 7
		v := way.seen(t, mile{Root: newRoot(t, nil), Config: showing(nil), Facts: f})
		if got := v.Limits["NOFILE"]; got[0] != got[1] || got[0] == 0 {
			t.Errorf("got %v, want what is allowed", got)
		}
		f.SoftFiles = 7
		v = way.seen(t, mile{Root: newRoot(t, nil), Config: showing(nil), Facts: f})
		if got := v.Limits["NOFILE"][0]; got != 7 {
			t.Errorf("got %d, want 7", got)
		}
	})
}

// TestHandStrictFilter: when the filter is in force there are no calls but execve
// and, without no_new_privs, those that set the capabilities.
func TestHandStrictFilter(t *testing.T) {
	needRoot(t)
	for _, nnp := range []bool{true, false} {
		allowed := []uint32{unix.SYS_EXECVE}
		if !nnp {
			allowed = append(allowed, unix.SYS_CAPSET, unix.SYS_PRCTL)
		}
		c := small()
		c.Process.Args = []string{"bad"} // what runs would need calls of its own
		c.Process.Env = []string{"PATH=/none:/work:/bin"}
		c.Process.NoNewPrivileges, c.Process.User.UID = nnp, 1000
		c.Filter = &Filter{Program: killAllBut(append(allowed, unix.SYS_WRITE, unix.SYS_EXIT_GROUP))}
		_, f := walkByHand(t, mile{Root: newRoot(t, map[string]string{"!bin/bad": "no format"}), Config: c, Facts: probe(t)})
		if f == nil || f.Errno != int(unix.ENOEXEC) {
			t.Errorf("no_new_privs %v: got %+v", nnp, f)
		}
	}
}

func killAllBut(allowed []uint32) []unix.SockFilter {
	program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}}
	for _, nr := range slices.Compact(allowed) {
		program = append(program,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	}
	return append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS})
}
