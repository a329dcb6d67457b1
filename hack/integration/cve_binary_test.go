package integration

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ownProgram gives the test a runtime of its own, which may be overwritten.
func (v victim) ownProgram() (path string) {
	v.t.Helper()
	path = filepath.Join(v.t.TempDir(), "runtime")
	if err := run("cp", v.under([]string{"run"}), path); err != nil {
		v.t.Fatal(err)
	}
	return path
}

func digest(t *testing.T, file string) [32]byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(text)
}

// TestCVE20195736: a container overwrote runc's program on the host. It had its own
// program run as /proc/self/exe, which was runc while that was on its way into the
// container, held on to /proc/PID/exe, and wrote to it when nobody ran it any more.
// Here by exec; the container's root is the host's.
func TestCVE20195736(t *testing.T) {
	v := newVictim(t)
	v.program = v.ownProgram()
	before := digest(t, v.program)
	v.copyInto(attackPath, "bin/attack")
	if err := writeFiles(v.root, map[string]string{"bin/trap": "#!/proc/self/exe\n"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(v.root, "bin/trap"), 0o755); err != nil {
		t.Fatal(err)
	}
	id := v.name()
	output := v.create(id, v.bundle(noFilter, capable("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"),
		func(s *specs.Spec) { s.Process.Args = []string{"/bin/attack", "overwrite"} }))
	v.mini("start", id).wantStatus(t, 0)
	awaitText(t, output, "ready")
	var text []byte
	for n := 0; n < races/3 || n < 20*races && !strings.Contains(string(text), "saw a program of the host"); n++ {
		for _, program := range []string{"/bin/trap", "/proc/self/exe", "/bin/true"} {
			v.mini("exec", id, program)
		}
		text, _ = os.ReadFile(output)
	}
	awaitText(t, output, "saw a program of the host") // or the attack is none
	if text, _ := os.ReadFile(output); strings.Contains(string(text), "host:") || digest(t, v.program) != before {
		t.Errorf("the runtime's program was overwritten: %s", text)
	}
}

// TestCVE20195736Start: the same at the start of a container, by its own program, by
// the interpreter of a script and by a library that an image could bring along.
func TestCVE20195736Start(t *testing.T) {
	v := newVictim(t)
	v.program = v.ownProgram()
	before := digest(t, v.program)
	script := "echo gone >/proc/self/exe; echo gone >/proc/1/exe; echo gone >/proc/$PPID/exe; exit 0"
	if err := writeFiles(v.root, map[string]string{"bin/trap": "#!/proc/self/exe\n", "etc/ld.so.preload": "/lib/evil.so\n"}); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(filepath.Join(v.root, "bin/trap"), 0o755)
	for _, args := range [][]string{{"/proc/self/exe", "version"}, {"/bin/trap"}, {"/bin/sh", "-c", script}} {
		r := v.mini("run", "--bundle", v.bundle(noFilter, capable("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"),
			func(s *specs.Spec) {
				s.Process.Args = args
				s.Process.Env = append(s.Process.Env, "LD_PRELOAD=/lib/evil.so", "LD_LIBRARY_PATH=/lib", "GODEBUG=x")
			}), v.name())
		if digest(t, v.program) != before {
			t.Fatalf("the runtime's program was overwritten by %q", args)
		}
		if args[0] == "/proc/self/exe" && r.status == 0 {
			t.Errorf("the container's program is the runtime itself: %s", r.stdout)
		}
	}
	// No library of an image can get into a program that has none.
	if *attacked == "" {
		if err := run("sh", "-c", `! grep -aq /lib64/ld-linux "$0"`, v.program); err != nil {
			t.Error("mini is linked dynamically")
		}
	}
}

// noFilter takes the system call filter away: the attack may do what it wants.
func noFilter(s *specs.Spec) { s.Linux.Seccomp, s.Process.NoNewPrivileges = nil, false }
