package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

// engineFlags are what engines pass to create, run and exec alike.
var engineFlags = []cli.Flag{
	&cli.StringFlag{Name: "pid-file", Usage: "write the process's pid to `FILE`"},
	&cli.StringFlag{Name: "console-socket", Usage: "send the terminal's master to the unix socket `PATH`"},
	&cli.StringFlag{Name: "pidfd-socket", Usage: "send a pidfd of the process to the unix socket `PATH`"},
	&cli.IntFlag{Name: "preserve-fds", Usage: "leave `N` further descriptors open for the program, from 3 on"},
	&cli.BoolFlag{Name: "no-subreaper", Usage: "accepted: mini never takes in other processes' orphans"},
}

// containerFlags are those of create and run.
var containerFlags = []cli.Flag{
	&cli.BoolFlag{Name: "no-pivot", Usage: "accepted, with a warning: mini has no other way than pivot_root"},
	&cli.BoolFlag{Name: "no-new-keyring", Usage: "let the program have the caller's session keyring"},
}

// engine reads the flags of engines, and the variables of systemd, into a
// configuration.
func engine(c *cli.Context, config *runtime.Config) error {
	if c.Bool("no-pivot") {
		logOf(c).warn("--no-pivot: pivot_root is used all the same, chroot would leave a way out")
	}
	config.KeepKeyring = c.Bool("no-new-keyring")
	config.SystemdCgroup = c.Bool("systemd-cgroup")
	var err error
	if config.Handover, err = handover(c); err != nil {
		return err
	}
	if config.Fds, config.Env, err = descriptors(c); err != nil {
		return err
	}
	return nil
}

// handover reads where the pid and the terminal go. The pid file is relative
// to the caller.
func handover(c *cli.Context) (runtime.Handover, error) {
	h := runtime.Handover{ConsoleSocket: c.String("console-socket"), PidfdSocket: c.String("pidfd-socket")}
	var err error
	if path := c.String("pid-file"); path != "" {
		h.PidFile, err = filepath.Abs(path)
	}
	return h, err
}

// descriptors counts what stays open for the program: the sockets that systemd
// has passed to us (sd_listen_fds(3)), and behind them what --preserve-fds says.
func descriptors(c *cli.Context) (n int, env []string, err error) {
	n = c.Int("preserve-fds")
	if n < 0 || n > 1000 {
		return 0, nil, fmt.Errorf("--preserve-fds %d: not a number of descriptors", n)
	}
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return n, nil, nil
	}
	listen, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || listen <= 0 || listen > 1000 {
		return n, nil, nil
	}
	return n + listen, []string{"LISTEN_FDS=" + strconv.Itoa(listen), "LISTEN_PID=1"}, nil
}

// notifyPath is where the container finds the socket of NOTIFY_SOCKET.
const notifyPath = "/run/notify/notify.sock"

// notify lets the program report to the service manager that waits for us
// (sd_notify(3)): it sees that socket and no other of its directory.
func notify(config *runtime.Config) (err error) {
	socket := os.Getenv("NOTIFY_SOCKET")
	switch {
	case socket == "":
		return nil
	case !strings.HasPrefix(socket, "/"): // an abstract one: it belongs to the network namespace
		config.Env = append(config.Env, "NOTIFY_SOCKET="+socket)
		return nil
	}
	config.Env = append(config.Env, "NOTIFY_SOCKET="+notifyPath)
	config.Spec.Mounts = append(config.Spec.Mounts, specs.Mount{
		Destination: notifyPath, Type: "bind", Source: socket,
		Options: []string{"bind", "nosuid", "noexec", "nodev", "ro"},
	})
	config.JSON, err = bundle.Freeze(config.Spec)
	return err
}

// notified is notify for a container that nobody stays with: it has a socket of
// its own, at which start listens.
func notified(config *runtime.Config) {
	if manager := os.Getenv("NOTIFY_SOCKET"); manager != "" {
		config.Notify = &runtime.Notify{Manager: manager}
	}
}

// container reads the OCI form: a bundle as it stands, and an id.
func container(c *cli.Context) (runtime.Config, runtime.Facts, error) {
	var facts runtime.Facts
	if err := wantArgs(c, "ID"); err != nil {
		return runtime.Config{}, facts, err
	}
	config := runtime.Config{ID: c.Args().First(), Root: c.String("root")}
	dir := c.String("bundle")
	if dir == "" {
		dir = "."
	}
	loaded, err := bundle.Load(dir)
	if err != nil {
		return config, facts, err
	}
	if err := check(loaded, false, logOf(c)); err != nil {
		return config, facts, err
	}
	config.Bundle, config.Spec, config.JSON = loaded.Dir, loaded.Spec, loaded.Raw
	if err := engine(c, &config); err != nil {
		return config, facts, err
	}
	unheard(c, config.Spec.Annotations)
	notified(&config)
	facts, err = runtime.Probe()
	return config, facts, err
}

// id is the one argument of most commands.
func id(c *cli.Context) (string, error) {
	if err := wantArgs(c, "ID"); err != nil {
		return "", err
	}
	if c.Args().First() == "" {
		return "", errors.New("the container's id is empty")
	}
	return c.Args().First(), nil
}
