package integration

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestErrorsReadWell has the mistakes that people make. Each must end with the
// right status, print nothing on the program's stdout, and say the words: what
// failed, on what, the setting, the errno's name, and what to do.
func TestErrorsReadWell(t *testing.T) {
	tests := []struct {
		name   string
		status int
		args   func(t *testing.T, u user) []string
		says   []string
	}{
		{"no such bundle", 125, fixed("run", "/nowhere/bundle"),
			[]string{`/nowhere/bundle`, `ENOENT|no such`}},
		{"no config.json", 125, func(t *testing.T, u user) []string { return []string{"run", t.TempDir()} },
			[]string{`config\.json`, `ENOENT|no config`, `mini spec`}},
		{"broken JSON", 125, broken("{\n  \"ociVersion\": \"1.3.0\",\n  \"root\": {\"path\" \"x\"}\n}\n"),
			[]string{`config\.json:3:19`}},
		{"a type that does not fit", 125, broken("{\n  \"ociVersion\": \"1.3.0\",\n  \"hostname\": 5\n}\n"),
			[]string{`config\.json:3:`, `/hostname|hostname`}},
		{"rootfs missing", 125, with(func(s *specs.Spec) { s.Root.Path = "/nowhere/rootfs" }),
			[]string{`/root/path`, `/nowhere/rootfs`, `ENOENT`}},
		{"program not found", 127, with(func(s *specs.Spec) { s.Process.Args = []string{"cart"} }),
			[]string{`cart`, `/process/args`, `ENOENT|not found`, `PATH`, `/bin has`}},
		{"program's path not found", 127, with(func(s *specs.Spec) { s.Process.Args = []string{"/bin/cart"} }),
			[]string{`/bin/cart`, `/process/args`, `ENOENT`}},
		{"not executable", 126, with(func(s *specs.Spec) { s.Process.Args = []string{"/etc/plain"} }),
			[]string{`/etc/plain`, `/process/args`, `EACCES`, `mode 0644`}},
		{"ELF interpreter missing", 127, needsLoader,
			[]string{`/data/dynamic`, `ENOENT`, `/lib/ld-nowhere\.so\.1`}},
		{"script interpreter missing", 127, needsInterpreter,
			[]string{`/data/script`, `ENOENT`, `/bin/nowhere`}},
		{"terminal without a tty", 125, with(func(s *specs.Spec) { s.Process.Terminal = true }),
			[]string{`/process/terminal`, `tty|terminal`}},
		{"mount source missing", 125, with(func(s *specs.Spec) {
			s.Mounts = append(s.Mounts, specs.Mount{Destination: "/data", Type: "bind", Source: "/nowhere/src", Options: []string{"bind"}})
		}), []string{`/mounts/\d+`, `/nowhere/src`, `ENOENT`}},
		{"a sysctl of the host", 125, with(func(s *specs.Spec) { s.Linux.Sysctl = map[string]string{"vm.swappiness": "1"} }),
			[]string{`/linux/sysctl`, `vm\.swappiness`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			r := u.mini(test.args(t, u)...)
			r.wants(t, test.status, "")
			r.says(t, test.says...)
			notGoish(t, r)
		})
	}
}

// notGoish refuses what only a Go programmer could read.
func notGoish(t *testing.T, r result) {
	t.Helper()
	for _, word := range []string{"goroutine ", "panic", "0xc0", "%!", "<nil>", "&{"} {
		if strings.Contains(r.stderr, word) {
			t.Errorf("stderr has %q:\n%s", word, r.stderr)
		}
	}
}

func fixed(args ...string) func(*testing.T, user) []string {
	return func(*testing.T, user) []string { return args }
}

func with(change func(*specs.Spec)) func(*testing.T, user) []string {
	return func(t *testing.T, u user) []string { return []string{"run", u.bundle(change)} }
}

func broken(config string) func(*testing.T, user) []string {
	return func(t *testing.T, u user) []string {
		dir := t.TempDir()
		if err := writeFiles(dir, map[string]string{"config.json": config}); err != nil {
			t.Fatal(err)
		}
		return []string{"run", dir}
	}
}

// inData is a bundle with a program at /data.
func inData(t *testing.T, u user, name string, text []byte) []string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{"run", "--volume", dir + ":/data", u.bundle(), "--", "/data/" + name}
}

func needsInterpreter(t *testing.T, u user) []string {
	return inData(t, u, "script", []byte("#!/bin/nowhere -x\n"))
}

// needsLoader has an ELF file (elf(5)) whose only segment names an interpreter.
func needsLoader(t *testing.T, u user) []string {
	loader := "/lib/ld-nowhere.so.1\x00"
	machine := map[string]uint16{"amd64": 62, "arm64": 183}[runtime.GOARCH]
	var elf bytes.Buffer
	elf.WriteString("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9))
	for _, field := range []any{
		uint16(2), machine, uint32(1), uint64(0x1000), uint64(64), uint64(0), // type … section headers
		uint32(0), uint16(64), uint16(56), uint16(1), uint16(64), uint16(0), uint16(0),
		uint32(3), uint32(4), uint64(120), uint64(0), uint64(0), // PT_INTERP, at 64+56
		uint64(len(loader)), uint64(len(loader)), uint64(1),
	} {
		if err := binary.Write(&elf, binary.LittleEndian, field); err != nil {
			t.Fatal(err)
		}
	}
	elf.WriteString(loader)
	return inData(t, u, "dynamic", elf.Bytes())
}

func TestIDInUse(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo ready; trap 'exit 0' TERM; while :; do sleep 0.05; done"))
	first := u.start("run", "--name", "taken", dir)
	r := u.mini("run", "--name", "taken", dir)
	r.wants(t, 125, "")
	r.says(t, "taken", "in use|already", "mini (list|delete|kill)|--name")
	first.signal(syscall.SIGTERM).wants(t, 0, "")
}

// TestHybridCgroupsWithALimit shows mini a machine whose controllers belong to v1:
// a tmpfs with a cgroup2 in it, as systemd laid it out (cgroups(7)).
func TestHybridCgroupsWithALimit(t *testing.T) {
	u := newUser(t)
	hybrid := func(args ...string) result {
		cmd := u.command(args...)
		script := `umount -R -l /sys/fs/cgroup && mount -t tmpfs tmpfs /sys/fs/cgroup &&
			mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified && exec "$@"`
		wrapped := exec.Command("unshare", append([]string{"-m", "--propagation", "private", "sh", "-c", script, "sh"}, cmd.Args...)...)
		return finish(t, wrapped)
	}
	r := hybrid("run", "--memory", "64m", u.bundle(), "--", "true")
	r.wants(t, 125, "")
	r.says(t, `/linux/resources/memory/limit`, `memory`, `hybrid|v1`, `mini doctor`)
	hybrid("run", u.bundle(), "--", "true").wants(t, 0, "")
}

func TestNotRoot(t *testing.T) {
	dir := newUser(t).bundle()
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	r := asNobody(t, "run", dir)
	r.wants(t, 125, "")
	r.says(t, `takes root`, `mini spec --rootless`)
	notGoish(t, r)
}

// asNobody runs a copy of mini where nobody, a user without rights, can reach it.
func asNobody(t *testing.T, args ...string) result {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "mini-nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "mini")
	if err := errors.Join(os.Chmod(dir, 0o777), run("cp", miniPath, path)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"--root", filepath.Join(dir, "state")}, args...)...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return finish(t, cmd)
}

// TestVMUserNamespacesForbidden forbids them the way administrators do. It is the
// machine's setting, so it is done in the VM (namespaces(7)).
func TestVMUserNamespacesForbidden(t *testing.T) {
	needControllers(t)
	u := newUser(t)
	dir := u.bundle()
	setting := "/proc/sys/user/max_user_namespaces"
	before, err := os.ReadFile(setting)
	if err == nil {
		err = os.WriteFile(setting, []byte("0"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer os.WriteFile(setting, before, 0o644)
	r := u.mini("run", dir, "--", "true")
	r.wants(t, 125, "")
	r.says(t, `/linux/namespaces`, `ENOSPC`, `max_user_namespaces`)
	notGoish(t, r)
}

// TestUnknownKeys warns and goes on, or refuses with --strict.
func TestUnknownKeys(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo ran"))
	path := filepath.Join(dir, "config.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("{"), []byte(`{"hostnam": "x",`), 1)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	r := u.mini("run", dir)
	r.wants(t, 0, "ran\n")
	r.says(t, `/hostnam\b`, `did you mean.*hostname`)
	r = u.mini("run", "--strict", dir)
	r.wants(t, 125, "")
	r.says(t, `/hostnam\b`, `did you mean.*hostname`)
}

// TestClosedStdout: with nobody to read stdout the program fails, not mini.
func TestClosedStdout(t *testing.T) {
	u := newUser(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer write.Close()
	cmd := u.command("run", u.bundle(sh("trap '' PIPE; echo x 2>/dev/null || exit 3")))
	cmd.Stdout, cmd.Stderr = write, io.Discard
	_ = cmd.Run()
	if got := exitStatus(cmd.ProcessState); got != 3 {
		t.Errorf("got status %d, want 3", got)
	}
}
