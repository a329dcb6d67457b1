package integration

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// TestTwoContainers is a script as a user writes it: a service, and a client that
// waits for it and asks it by 127.0.0.1. Each has its own user namespace.
func TestTwoContainers(t *testing.T) {
	u := newUser(t)
	tools, err := filepath.Abs(toolsPath)
	if err != nil {
		t.Fatal(err)
	}
	tool := tools + ":/bin/userland:ro,noidmap"
	u.detached("web", "--volume", tool, "--health-cmd", "userland get http://127.0.0.1:8080/healthz", "--health-interval", "50ms",
		"--health-retries", "1000", u.bundle(sh("sleep 0.3; exec userland serve 127.0.0.1:8080")))
	client := u.bundle(sh("userland get http://127.0.0.1:8080/; readlink /proc/self/ns/user; ls -d /sys/class/net; exec readlink /proc/self/ns/net"))
	r := u.mini("run", "--name", "client", "--wait-for", "web:healthy:50s", "--net", "container:web", "--volume", tool, client)
	lines := strings.Split(r.stdout, "\n")
	if r.status != 0 || len(lines) != 5 || !strings.Contains(lines[0], "hello") || lines[2] != "/sys/class/net" {
		t.Fatalf("the client: %+v", r)
	}
	theirs := u.mini("exec", "web", "sh", "-c", "readlink /proc/self/ns/user; readlink /proc/self/ns/net")
	user, net, _ := strings.Cut(strings.TrimSpace(theirs.stdout), "\n")
	if lines[1] == user || lines[3] != net {
		t.Errorf("user and network: %s %s, of the service %s %s", lines[1], lines[3], user, net)
	}
}

// TestNetOfARestarted: a container that shares a network finds the new one after
// a restart of both.
func TestNetOfARestarted(t *testing.T) {
	u := newUser(t)
	net := "readlink /proc/self/ns/net; exec sleep 1000"
	u.detached("web", u.bundle(sh(net)))
	u.detached("side", "--net", "container:web", u.bundle(sh(net)))
	say := func(times int) {
		for _, name := range []string{"web", "side"} {
			u.eventually(func() bool { return strings.Count(u.mini("logs", name).stdout, "\n") == times })
		}
	}
	say(1) // a restart does not wait for that
	u.mini("restart", "web").wants(t, 0, "")
	u.mini("restart", "side").wants(t, 0, "")
	say(2)
	web, side := u.mini("logs", "web").stdout, u.mini("logs", "side").stdout
	if web != side {
		t.Errorf("networks: %q, of the other %q", web, side)
	}
}

func TestNetRefused(t *testing.T) {
	u := newUser(t)
	u.detached("ended", u.bundle(sh("exit 0")))
	u.mini("wait", "ended").wantStatus(t, 0)
	u.detached("web", u.bundle(sh("exec sleep 1000")))
	sysctl := func(s *specs.Spec) {
		s.Linux.Sysctl = map[string]string{"net.ipv4.ip_unprivileged_port_start": "81"}
	}
	for _, tt := range []struct {
		net, dir, says string
	}{
		{"container:nobody", u.bundle(), "does not exist"},
		{"container:ended", u.bundle(), "stopped"},
		{"container:", u.bundle(), "private or container:ID"},
		{"host", u.bundle(), "private or container:ID"},
		{"container:web", u.bundle(sysctl), "/linux/sysctl/net.ipv4.ip_unprivileged_port_start"},
	} {
		r := u.mini("run", "--net", tt.net, tt.dir, "--", "true")
		r.wants(t, 125, "")
		r.says(t, tt.says)
	}
}

// TestWaitForOthersFirst: what is waited for comes, ends, or does not come in time.
func TestWaitForOthersFirst(t *testing.T) {
	u := newUser(t)
	b := u.start("run", "--name", "fore", u.bundle(sh(untilTerm)))
	u.detached("job", u.bundle(sh("sleep 0.2; exit 3")))
	u.detached("sick", "--health-cmd", "false", "--health-interval", "1h", u.bundle(sh("exec sleep 1000")))
	u.mini("run", "--wait-for", "fore:started", "--wait-for", "job:exit", u.bundle(), "--", "true").wants(t, 0, "")
	if s := u.inspect("job"); s.Exit == nil || s.Exit.Status != 3 {
		t.Errorf("it did not wait: %+v", s)
	}
	r := u.mini("run", "--wait-for", "sick:healthy:50ms", u.bundle(), "--", "true")
	r.wants(t, 125, "")
	r.says(t, "--wait-for sick:healthy", "\"sick\": is not healthy after 50ms: it took too long")
	u.mini("run", "--wait-for", "job:ready", u.bundle(), "--", "true").says(t, "has ended without being ready")
	u.mini("run", "--wait-for", "nobody:exit", u.bundle(), "--", "true").wantStatus(t, 125)
	u.mini("run", "--wait-for", "job", u.bundle(), "--", "true").wantStatus(t, 125)
	b.signal(unix.SIGTERM).wantStatus(t, 0)
}

// TestKeepOverlay: the next run finds what this one has left; without, it does not.
func TestKeepOverlay(t *testing.T) {
	for _, flags := range [][]string{{"-d"}, {"-d", "--keep-overlay"}, {}, {"--keep-overlay"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			u := newUser(t)
			dir := u.bundle(sh("[ -e /etc/left ] && exit 4; touch /etc/left; [ -e /etc/passwd ] && rm /etc/passwd; exit 1"))
			args := append(append([]string{"run", "--name", "web", "--restart", "on-failure:1"}, flags...), dir)
			r := u.mini(args...)
			if len(flags) > 0 && flags[0] == "-d" {
				t.Cleanup(func() { u.mini("delete", "web").wants(t, 0, "") })
				r = u.mini("wait", "web")
			}
			want := 1
			if strings.Contains(strings.Join(flags, " "), "keep") {
				want = 4
			}
			r.wantStatus(t, want)
		})
	}
	u := newUser(t)
	u.mini("run", "--keep-overlay", u.bundle(), "--", "true").wantStatus(t, 125)
	u.mini("run", "--keep-overlay", "--overlay", "tmpfs:1m", "--restart", "always", u.bundle(), "--", "true").wantStatus(t, 125)
}

// TestOrdinaryNet: an ordinary user's containers share the user namespace that
// the network belongs to, too; with one id, and with a range of them.
func TestOrdinaryNet(t *testing.T) {
	const whose = "readlink /proc/self/ns/net; readlink /proc/self/ns/user"
	for _, ids := range []string{"one", "many"} {
		t.Run(ids, func(t *testing.T) {
			o := newOrdinary(t)
			if ids == "many" {
				needHelpers(t)
				o.grant()
			}
			o.detached("ordweb", o.bundle(sh(whose+"; exec sleep 1000")))
			o.eventually(func() bool { return strings.Count(o.mini("logs", "ordweb").stdout, "\n") == 2 })
			want := o.mini("logs", "ordweb").stdout
			o.mini("run", "--net", "container:ordweb", o.bundle(), "--", "sh", "-c", whose).wants(t, 0, want)
		})
	}
}

// TestOverlayOfTwo: one directory takes the changes of one container at a time.
func TestOverlayOfTwo(t *testing.T) {
	u := newUser(t)
	upper := t.TempDir()
	u.detached("one", "--overlay", upper, u.bundle(sh(untilTerm)))
	for range 2 {
		u.wantError("run", "--overlay", upper, u.bundle(), "--", "true").says(t, upper, `"one"`, "two at once")
	}
	u.mini("exec", "one", "sh", "-c", "echo still >/etc/passwd; mv /etc/group /etc/moved; cat /etc/passwd").wants(t, 0, "still\n") // both need the work directory
	u.mini("stop", "--grace", "0s", "one").wants(t, 0, "")
	u.mini("run", "--overlay", upper, u.bundle(), "--", "ls", "/etc/moved").wants(t, 0, "/etc/moved\n")
	u.mini("restart", "one").wants(t, 0, "")
	u.mini("delete", "--force", "one").wants(t, 0, "")
}
