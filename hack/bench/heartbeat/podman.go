package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// podman is the other engine, with its files in the lab. It has no systemd here,
// hence no timers for its probes: whoever measures calls `podman healthcheck run`.
type podman struct{ *lab }

// parent is the cgroup in which podman without systemd has conmon and the services.
var parent = filepath.Join(cgroupRoot, "libpod_parent")

// newPodman writes its settings. The limits are those that it can set anywhere.
func newPodman(l *lab) (podman, error) {
	p := podman{l}
	path, err := exec.LookPath(l.runtime)
	if err != nil {
		return p, err
	}
	name := filepath.Base(path)
	_, err = l.file("containers.conf", fmt.Sprintf(`[containers]
netns = "none"
log_driver = "k8s-file"
pids_limit = 0
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = %q
[engine.runtimes]
%s = [%q]
`, name, name, path))
	if err != nil {
		return p, err
	}
	_, err = l.file("storage.conf", fmt.Sprintf("[storage]\ndriver = \"vfs\"\nrunroot = %q\ngraphroot = %q\n", l.dir+"/podman-run", l.dir+"/podman"))
	return p, err
}

func (p podman) name() string { return "podman" }

func (p podman) env() []string {
	return []string{"CONTAINERS_CONF=" + p.dir + "/containers.conf", "CONTAINERS_STORAGE_CONF=" + p.dir + "/storage.conf"}
}

func (p podman) run(args ...string) error {
	return p.command(filepath.Join(p.group, "podman"), p.env(), append([]string{"podman"}, args...)...)
}

func (p podman) start(name string, flags []string, args ...string) (*service, error) {
	dir, page, err := p.volume(name)
	if err != nil {
		return nil, err
	}
	s := &service{name: name, page: page}
	all := append([]string{"run", "-d", "--name", name, "-v", dir + ":/bench"}, flags...)
	begin := now()
	if err := p.run(append(append(all, "--rootfs", p.root()), args...)...); err != nil {
		return nil, err
	}
	s.took = now() - begin
	s.watcher, err = p.pid(name, "{{.State.ConmonPid}}")
	return s, err
}

func (p podman) remove(s *service) error { return p.run("rm", "-f", "-t", "0", s.name) }

func (p podman) first(s *service) (int, error) { return p.pid(s.name, "{{.State.Pid}}") }

func (p podman) pid(name, format string) (int, error) {
	out, err := p.output("inspect", "--format", format, name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(out))
}

func (p podman) output(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "podman", args...)
	cmd.Env = append(os.Environ(), p.env()...)
	out, err := cmd.Output()
	return string(out), err
}

// probe runs a health check once: podman, conmon, the runtime and the program,
// each with what it costs.
func (p podman) probe(name string) (wall, cpu time.Duration, err error) {
	groups := []string{filepath.Join(p.group, "podman"), parent}
	before, err := usages(groups...)
	if err != nil {
		return 0, 0, err
	}
	begin := now()
	if err := p.run("healthcheck", "run", name); err != nil {
		return 0, 0, err
	}
	wall = now() - begin
	time.Sleep(20 * time.Millisecond) // conmon ends a little later
	after, err := usages(groups...)
	return wall, after - before, err
}
