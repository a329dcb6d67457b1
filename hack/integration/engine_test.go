package integration

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// What only engines ask for: descriptors, sockets, logs, hooks.

// listen is an engine that waits for one descriptor on a unix socket.
func listen(t *testing.T) (path string, received func() *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "socket")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_ = l.SetDeadline(time.Now().Add(patience()))
	return path, func() *os.File {
		t.Helper()
		c, err := l.AcceptUnix()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		text, oob := make([]byte, 100), make([]byte, 100)
		_, n, _, _, err := c.ReadMsgUnix(text, oob)
		if err != nil {
			t.Fatal(err)
		}
		messages, err := unix.ParseSocketControlMessage(oob[:n])
		if err != nil || len(messages) != 1 {
			t.Fatalf("got control messages %v, %v", messages, err)
		}
		fds, err := unix.ParseUnixRights(&messages[0])
		if err != nil || len(fds) != 1 {
			t.Fatalf("got descriptors %v, %v", fds, err)
		}
		if err := unix.SetNonblock(fds[0], true); err != nil {
			t.Fatal(err)
		}
		f := os.NewFile(uintptr(fds[0]), "received")
		t.Cleanup(func() { f.Close() })
		_ = f.SetDeadline(time.Now().Add(patience()))
		return f
	}
}

// readUntil reads from a terminal until a text comes.
func readUntil(t *testing.T, f *os.File, text string) {
	t.Helper()
	var got []byte
	for !strings.Contains(string(got), text) {
		b := make([]byte, 1000)
		n, err := f.Read(b)
		if got = append(got, b[:n]...); err != nil {
			t.Fatalf("read %q, then %v, want %q", got, err, text)
		}
	}
}

func TestConsoleSocket(t *testing.T) {
	u := newUser(t)
	terminal := func(s *specs.Spec) {
		s.Process.Terminal, s.Process.ConsoleSize = true, &specs.Box{Height: 33, Width: 44}
	}
	dir := u.bundle(sh("stty size; tty; read word; echo got $word; stty -a | grep -o -e -onlcr; read word"), terminal)
	r := u.mini("create", "--bundle", dir, "tty")
	r.wants(t, 125, "")
	r.says(t, "--console-socket")
	u.wantError("create", "--bundle", u.bundle(), "--console-socket", "/nowhere", "tty").says(t, "/process/terminal")
	u.wantError("create", "--bundle", dir, "--console-socket", "/nowhere", "tty").says(t, "/nowhere", "ENOENT")
	u.wantError("state", "tty").says(t, "does not exist")
	path, received := listen(t)
	u.create("tty", dir, "--console-socket", path)
	master := received()
	u.mini("start", "tty").wants(t, 0, "")
	readUntil(t, master, "33 44\n/dev/pts/0\n")
	if _, err := master.WriteString("word\n"); err != nil {
		t.Fatal(err)
	}
	readUntil(t, master, "got word\n-onlcr\n")
	path, received = listen(t)
	u.mini("exec", "--detach", "--tty", "--console-socket", path, "tty", "sh", "-c", "tty; read x").wants(t, 0, "")
	second := received()
	readUntil(t, second, "/dev/pts/1\n")
	init, pids := *u.state("tty").Pid, u.mini("ps", "-f", "json", "tty").stdout
	u.mini("kill", "tty", "KILL").wants(t, 0, "")
	reap(t, init, pids)
}

// reap waits for what exec has left to us, all but the first process: its pid
// namespace cannot end before.
func reap(t *testing.T, init int, pids string) {
	t.Helper()
	var list []int
	if err := json.Unmarshal([]byte(pids), &list); err != nil {
		t.Fatal(err)
	}
	for _, pid := range list {
		if pid != init {
			_, _ = unix.Wait4(pid, nil, 0, nil)
		}
	}
}

func TestPidfdSocket(t *testing.T) {
	u := newUser(t)
	path, received := listen(t)
	u.create("held", u.bundle(sh("exit 0")), "--pidfd-socket", path)
	pidfd := received()
	if err := unix.PidfdSendSignal(int(pidfd.Fd()), unix.SIGKILL, nil, 0); err != nil {
		t.Error(err)
	}
	u.awaitStopped("held")
}

// withFiles starts mini with descriptors from 3 on.
func (u user) withFiles(env []string, files []*os.File, args ...string) result {
	u.t.Helper()
	cmd := u.command(args...)
	cmd.ExtraFiles, cmd.Env = files, append(os.Environ(), env...)
	return finish(u.t, cmd)
}

// openFds prints a shell's open descriptors, without opening any for it.
const openFds = `for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && printf $n; done; echo`

func TestPreserveFds(t *testing.T) {
	u := newUser(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("kept\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	open := func() *os.File {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	files := []*os.File{open(), open(), open()}
	// Nothing but what was asked for: not the third, and nothing of mini's.
	script := "cat <&4; " + openFds
	dir := u.bundle(sh(script))
	u.withFiles(nil, files, "run", "--preserve-fds", "2", dir).wants(t, 0, "kept\n01234\n")
	u.withFiles(nil, files, "run", dir, "--", "sh", "-c", openFds).wants(t, 0, "012\n")
	u.withFiles(nil, files[:1], "run", "--preserve-fds", "2", dir).says(t, "descriptor 4", "EBADF")
	u.running("host")
	u.withFiles(nil, []*os.File{open(), open()}, "exec", "--preserve-fds", "2", "host", "sh", "-c", script).wants(t, 0, "kept\n01234\n")
}

// TestListenFds: the sockets of systemd come first; whom they are not meant for
// has none (sd_listen_fds(3)).
func TestListenFds(t *testing.T) {
	u := newUser(t)
	dir := u.bundle(sh("echo $LISTEN_FDS $LISTEN_PID; " + openFds))
	mini := u.command("run", dir)
	// A shell knows the pid that mini will have.
	cmd := exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3</dev/null`, "sh"}, mini.Args...)...)
	finish(t, cmd).wants(t, 0, "1 1\n0123\n")
	u.withFiles([]string{"LISTEN_FDS=1", "LISTEN_PID=1"}, nil, "run", dir).wants(t, 0, "\n012\n")
}

// TestNotifySocket: the container sees the one socket, and it works.
func TestNotifySocket(t *testing.T) {
	u := newUser(t)
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := u.command("run", u.bundle(sh(`echo $NOTIFY_SOCKET; [ -S $NOTIFY_SOCKET ] && ls -A /run/notify`)))
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	finish(t, cmd).wants(t, 0, "/run/notify/notify.sock\nnotify.sock\n")
}

// TestLog is what containerd reads: the last line of --log.
// TestWatchedRun: a run whose steps are shown is known to other commands, and its
// last step takes time, too.
func TestWatchedRun(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--explain", "--name", "seen", u.bundle(sh("echo up; exec sleep 1000")))
	if s := u.state("seen"); s.Status != "running" {
		t.Errorf("state: %+v", s)
	}
	u.mini("exec", "seen", "true").wants(t, 0, "")
	u.mini("kill", "seen", "KILL").wants(t, 0, "")
	_ = b.cmd.Wait()
	text, err := os.ReadFile(b.stderr.Name())
	if err != nil || !strings.Contains(string(text), "execve /bin/sh") || strings.Contains(string(text), " 0.000 ms  execve") {
		t.Errorf("explained: %v\n%s", err, text)
	}
}

func TestLog(t *testing.T) {
	u := newUser(t)
	log := filepath.Join(t.TempDir(), "log")
	u.mini("--log", log, "--log-format", "json", "start", "nobody").says(t, "does not exist")
	text, err := os.ReadFile(log)
	var entry struct {
		Level, Msg string
		Time       time.Time
	}
	if err == nil {
		err = json.Unmarshal(text, &entry)
	}
	if err != nil || entry.Level != "error" || !strings.Contains(entry.Msg, `"nobody": container does not exist`) || time.Since(entry.Time) > time.Hour {
		t.Errorf("got %q, %v", text, err)
	}
	u.mini("--log", log, "start", "nobody")
	if text, _ := os.ReadFile(log); !strings.Contains(string(text), `" level=error msg="\"nobody\": container does not exist`) {
		t.Errorf("got %q", text)
	}
	u.mini("--log", log, "--debug", "run", u.bundle(), "--", "true").wants(t, 0, "")
	if text, _ := os.ReadFile(log); !strings.Contains(string(text), `level=debug msg="`) || !strings.Contains(string(text), "pivot_root") {
		t.Errorf("no steps in %q", text)
	}
	u.wantError("--log-format", "xml", "list").says(t, "xml")
	u.wantError("--rootless", "maybe", "list").says(t, "maybe")
	u.mini("--root", u.root, "--rootless", "auto", "list", "-q").wants(t, 0, "")
	if r := u.mini("--version"); !strings.HasPrefix(r.stdout, "mini version ") || !strings.Contains(r.stdout, "\nspec: 1.3.") {
		t.Errorf("got %q", r.stdout)
	}
}

// hookLog makes a hook that writes its kind, working directory and the state it
// got as a line, and then exits with a status.
func hookLog(log, kind string, status int) specs.Hook {
	script := fmt.Sprintf(`echo %s $PWD $(cat) >>%s; exit %d`, kind, log, status)
	return specs.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/bin:/usr/bin"}}
}

// hookLines reads what hooks wrote: kind, directory, state.
func hookLines(t *testing.T, log string) (kinds []string, dirs map[string]string, states map[string]specs.State) {
	t.Helper()
	text, _ := os.ReadFile(log)
	dirs, states = map[string]string{}, map[string]specs.State{}
	for line := range strings.Lines(string(text)) {
		part := strings.SplitN(line, " ", 3)
		var s specs.State
		if err := json.Unmarshal([]byte(part[2]), &s); err != nil {
			t.Fatalf("hook %s got %q: %v", part[0], part[2], err)
		}
		kinds = append(kinds, part[0])
		dirs[part[0]], states[part[0]] = part[1], s
	}
	return kinds, dirs, states
}

// TestHooksOfTheRuntime has the four kinds that run on the host.
func TestHooksOfTheRuntime(t *testing.T) {
	u := newUser(t)
	log := filepath.Join(t.TempDir(), "log")
	hook := func(kind string) []specs.Hook { return []specs.Hook{hookLog(log, kind, 0)} }
	dir := u.bundle(sh("sleep 1000"), withoutUserNS, func(s *specs.Spec) {
		s.Hooks = &specs.Hooks{
			Prestart: hook("prestart"), CreateRuntime: hook("createRuntime"), CreateContainer: hook("createContainer"),
			Poststart: hook("poststart"), Poststop: append([]specs.Hook{hookLog(log, "failing", 1)}, hook("poststop")...),
		}
		s.Annotations = map[string]string{"a": "b"}
	})
	u.create("hooked", dir)
	pid := *u.state("hooked").Pid
	u.mini("start", "hooked").wants(t, 0, "")
	u.mini("delete", "--force", "hooked").says(t, "poststop", "exit status 1")
	kinds, dirs, states := hookLines(t, log)
	if got, want := strings.Join(kinds, " "), "prestart createRuntime createContainer poststart failing poststop"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, kind := range []string{"prestart", "createRuntime", "createContainer", "poststart"} {
		if dirs[kind] != dir {
			t.Errorf("%s ran in %s, not in the bundle %s", kind, dirs[kind], dir)
		}
	}
	for kind, want := range map[string]specs.State{
		"prestart": {Status: specs.StateCreating, Pid: pid}, "createRuntime": {Status: specs.StateCreating, Pid: pid},
		"createContainer": {Status: specs.StateCreating, Pid: 1},
		"poststart":       {Status: specs.StateRunning, Pid: pid}, "poststop": {Status: specs.StateStopped},
	} {
		got := states[kind]
		if got.Status != want.Status || got.Pid != want.Pid || got.ID != "hooked" || got.Bundle != dir || got.Annotations["a"] != "b" {
			t.Errorf("%s got state %+v, want %s with pid %d", kind, got, want.Status, want.Pid)
		}
	}
}

// TestFailingHooks: each kind but poststop is an error and the container's end,
// after which poststop runs.
func TestFailingHooks(t *testing.T) {
	u := newUser(t)
	for _, kind := range []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart"} {
		t.Run(kind, func(t *testing.T) {
			u.t = t
			log := filepath.Join(t.TempDir(), "log")
			failing := []specs.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "echo because >&2; exit 3"}}}
			dir := u.bundle(sh("sleep 1000"), withoutUserNS, func(s *specs.Spec) {
				s.Hooks = &specs.Hooks{Poststop: []specs.Hook{hookLog(log, "poststop", 0)}}
				*map[string]*[]specs.Hook{
					"prestart": &s.Hooks.Prestart, "createRuntime": &s.Hooks.CreateRuntime,
					"createContainer": &s.Hooks.CreateContainer, "startContainer": &s.Hooks.StartContainer,
					"poststart": &s.Hooks.Poststart,
				}[kind] = failing
			})
			r, _ := u.quiet("run", "--detach", "--bundle", dir, "fails")
			r.wantStatus(t, 125)
			r.says(t, "run hook "+kind, "exit status 3: because", "/hooks/"+kind+"/0")
			u.wantError("state", "fails")
			if kinds, _, _ := hookLines(t, log); len(kinds) != 1 {
				t.Errorf("poststop ran %d times", len(kinds))
			}
		})
	}
}

func TestEventsOf(t *testing.T) {
	u := newUser(t)
	u.running("busy")
	var event struct {
		Type, ID string
		Data     struct {
			CPU struct{ Usage struct{ Total uint64 } }
		}
	}
	r := u.mini("events", "--stats", "busy")
	if err := json.Unmarshal([]byte(r.stdout), &event); err != nil || event.Type != "stats" || event.ID != "busy" || event.Data.CPU.Usage.Total == 0 {
		t.Errorf("got %q, %v", r.stdout, err)
	}
	// A stream ends with the container.
	b := u.start("events", "--interval", "50ms", "busy")
	u.mini("kill", "busy", "KILL").wants(t, 0, "")
	b.wait().wantStatus(t, 0)
	u.wantError("events", "--interval", "0s", "busy").says(t, "--interval")
}

func TestFeatures(t *testing.T) {
	u := newUser(t)
	var f struct {
		OCIVersionMax string `json:"ociVersionMax"`
		Hooks         []string
		MountOptions  []string
		Linux         struct {
			Namespaces, Capabilities []string
			Seccomp                  struct{ Actions, Archs, KnownFlags, SupportedFlags []string }
			Cgroup                   struct{ V1, V2 *bool }
		}
	}
	r := u.mini("features")
	if err := json.Unmarshal([]byte(r.stdout), &f); err != nil || r.status != 0 {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	if len(f.Hooks) != 6 || len(f.Linux.Namespaces) != 8 || len(f.Linux.Capabilities) < 41 || len(f.MountOptions) < 50 ||
		len(f.Linux.Seccomp.Actions) < 8 || len(f.Linux.Seccomp.SupportedFlags) == 0 || *f.Linux.Cgroup.V1 || !*f.Linux.Cgroup.V2 {
		t.Errorf("got %s", r.stdout)
	}
}
