package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
	"mini/runtime/seccomp"
)

// sourceFlags say what to run and what to change in it: those of run, and of
// plan, which shows what run would do.
var sourceFlags = []cli.Flag{
	&cli.StringFlag{Name: "name", Usage: "the container's `ID`; made up if not given"},
	&cli.StringFlag{Name: "bundle", Aliases: []string{"b"}, Usage: "the OCI form: `BUNDLE` here, and the id as the argument; root.path is used as it is"},
	&cli.StringFlag{Name: "rootfs", Usage: "no bundle: `DIR` as root, on the default configuration; / is a copy-on-write view of this machine"},
	&cli.StringFlag{Name: "overlay", Usage: "where changes to the root go: `tmpfs[:SIZE]`, a directory, or off"},
	&cli.StringSliceFlag{Name: "layer", Usage: "another lower `DIR` above the root; may be repeated, the last is the topmost"},
	&cli.StringFlag{Name: "memory", Aliases: []string{"m"}, Usage: "limit of memory in `BYTES`, or with k, m, g"},
	&cli.StringFlag{Name: "cpus", Usage: "limit of processor time, in `CPUS`: 1.5"},
	&cli.StringFlag{Name: "pids-limit", Usage: "limit of processes and threads: `N`"},
	&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Usage: "set `K=V`; K alone takes it from here; may be repeated"},
	&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Usage: "start in `DIR`"},
	&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "be `USER[:GROUP]`, numbers or names of the container"},
	&cli.StringFlag{Name: "hostname", Usage: "set the host name to `NAME`"},
	&cli.BoolFlag{Name: "read-only", Usage: "make the root read-only"},
	&cli.StringSliceFlag{Name: "volume", Aliases: []string{"v"}, Usage: "bind `SOURCE:DESTINATION[:OPTIONS]`; may be repeated"},
	&cli.StringFlag{Name: "net", Value: "private", Usage: "`private`, or container:ID to be in the network of that one, with 127.0.0.1 in common; root here has no rights over it"},
	&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "give the program a terminal"},
	&cli.BoolFlag{Name: "init", Usage: "put a process 1 before the program that reaps and forwards signals"},
	&cli.BoolFlag{Name: "strict", Usage: "refuse a config.json with anything in it that has no effect"},
}

// source makes a container's configuration of flags and arguments.
func source(c *cli.Context, facts runtime.Facts) (runtime.Config, error) {
	config := runtime.Config{ID: c.String("name"), Root: c.String("root"), Init: c.Bool("init")}
	loaded, args, err := document(c, facts, &config)
	if err != nil {
		return config, err
	}
	if config.ID == "" {
		config.ID = madeUpName()
	}
	config.Bundle, config.Spec = loaded.Dir, loaded.Spec
	if config.Overlay, err = overlay(c); err != nil {
		return config, err
	}
	if err := config.LookBelow(facts, c.IsSet("rootfs")); err != nil {
		return config, err
	}
	changed, err := override(c, facts, config, args)
	if err != nil {
		return config, err
	}
	if err := check(loaded, c.Bool("strict"), logOf(c)); err != nil {
		return config, err
	}
	config.JSON = loaded.Raw
	if changed || config.JSON == nil {
		if config.JSON, err = bundle.Freeze(loaded.Spec); err != nil {
			return config, err
		}
	}
	return config, network(c, &config, facts)
}

// network reads --net.
func network(c *cli.Context, config *runtime.Config, facts runtime.Facts) error {
	net := c.String("net")
	if net == "private" {
		return nil
	}
	id, ok := strings.CutPrefix(net, "container:")
	if !ok || id == "" {
		return fmt.Errorf("--net %s: private or container:ID", net)
	}
	return config.ShareNetwork(id, facts)
}

// document finds which of the three forms is used, and what is left for
// process.args.
func document(c *cli.Context, facts runtime.Facts, config *runtime.Config) (*bundle.Bundle, []string, error) {
	args := c.Args().Slice()
	switch {
	case c.IsSet("rootfs") && c.IsSet("bundle"):
		return nil, nil, errors.New("--rootfs and --bundle exclude each other")
	case c.IsSet("rootfs"):
		b, err := rootfsBundle(c, facts, config.ID)
		return b, args, err
	case c.IsSet("bundle"):
		if len(args) != 1 || config.ID != "" {
			return nil, nil, fmt.Errorf("%s -b BUNDLE wants one argument, the container's id", "mini "+c.Command.Name)
		}
		config.ID = args[0]
		b, err := bundle.Load(c.String("bundle"))
		return b, nil, err
	case len(args) == 0:
		return nil, nil, fmt.Errorf("%s wants a BUNDLE, or --rootfs DIR", "mini "+c.Command.Name)
	case len(args) > 1 && args[1] != "--":
		return nil, nil, fmt.Errorf("unexpected argument %q: flags go before the bundle, the command after --", args[1])
	}
	b, err := bundle.Load(args[0])
	return b, args[min(2, len(args)):], err
}

// rootfsBundle stands for a bundle where there is none.
func rootfsBundle(c *cli.Context, facts runtime.Facts, id string) (*bundle.Bundle, error) {
	root, err := filepath.Abs(c.String("rootfs"))
	if err != nil {
		return nil, err
	}
	spec := defaultSpec(facts, facts.Rootless(), bundle.HostID(id))
	spec.Root.Path = root
	if runtime.Interactive() && !c.Bool("detach") {
		spec.Process.Terminal = true
		spec.Process.Env = append(spec.Process.Env, "TERM="+os.Getenv("TERM"))
	}
	return &bundle.Bundle{Dir: root, Spec: spec}, nil
}

// defaultSpec is bundle's default with the system call filter that fits it, for
// the host's root or for an ordinary user.
func defaultSpec(facts runtime.Facts, rootless bool, hostID uint32) *specs.Spec {
	o := bundle.Options{HostID: hostID, MaxFiles: runtime.MaxFiles()}
	if rootless {
		o.UIDs, o.GIDs = facts.Maps()
	}
	spec := bundle.Default(o)
	spec.Linux.Seccomp = seccomp.Default(spec.Process.Capabilities.Bounding)
	return spec
}

// override changes the configuration as the flags say, if any does.
func override(c *cli.Context, facts runtime.Facts, config runtime.Config, args []string) (changed bool, err error) {
	o := bundle.Overrides{
		Memory: c.String("memory"), CPUs: c.String("cpus"), PidsLimit: c.String("pids-limit"),
		Env: c.StringSlice("env"), Workdir: c.String("workdir"), User: c.String("user"),
		Hostname: c.String("hostname"), ReadOnly: c.Bool("read-only"), Volumes: c.StringSlice("volume"),
		Args: args,
	}
	if c.IsSet("tty") {
		tty := c.Bool("tty")
		o.Terminal = &tty
	}
	for _, name := range []string{"memory", "cpus", "pids-limit", "env", "workdir", "user", "hostname", "read-only", "volume", "tty"} {
		changed = changed || c.IsSet(name)
	}
	if changed = changed || len(args) > 0; !changed {
		return false, nil
	}
	caller := bundle.Caller{Environ: os.Environ(), Rootless: facts.Rootless()}
	if caller.Cwd, err = os.Getwd(); err != nil {
		return false, err
	}
	if c.IsSet("user") && o.User == "" {
		// A script's variable that is not set: that must not mean root.
		return false, errors.New("--user is empty: name a user, or leave the flag out")
	}
	if o.User != "" && config.Spec.Root != nil {
		root, err := os.OpenRoot(config.RootPath())
		if err != nil {
			return false, err
		}
		defer root.Close()
		caller.Root = root.FS()
	}
	return true, o.Apply(config.Spec, caller)
}

// check refuses what mini does not apply and says what it passes over.
func check(b *bundle.Bundle, strict bool, v *voice) error {
	if strict {
		if err := bundle.Strict(b); err != nil {
			return err
		}
	}
	for _, w := range b.Warnings {
		v.warn(w.String())
	}
	for _, f := range bundle.Check(b.Spec) {
		if f.Verdict == bundle.Refused || strict {
			return f.Err()
		}
		v.warn(f.String())
	}
	return nil
}
