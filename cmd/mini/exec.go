package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/bundle"
)

var execCommand = &cli.Command{
	Name:      "exec",
	Usage:     "run a further program in a container, and exit as it does",
	ArgsUsage: "ID [--] CMD…",
	Description: "The program gets what the container's first one has, but for what the flags change. " +
		"Exit status: as of run.",
	Flags: []cli.Flag{
		&cli.StringFlag{Name: "process", Aliases: []string{"p"}, Usage: "take the whole process of the JSON in `FILE`, and no CMD"},
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "do not wait for it"},
		&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "give it a terminal"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "be `UID[:GID]`"},
		&cli.StringFlag{Name: "cwd", Usage: "start in `DIR`"},
		&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Usage: "set `K=V`; may be repeated"},
		&cli.StringSliceFlag{Name: "cap", Aliases: []string{"c"}, Usage: "add the capability `CAP_NAME`; may be repeated"},
		&cli.IntSliceFlag{Name: "additional-gids", Aliases: []string{"g"}, Usage: "be in group `GID` too; may be repeated"},
		&cli.BoolFlag{Name: "no-new-privs", Usage: "set-user-ID programs give it nothing"},
		&cli.StringFlag{Name: "apparmor", Usage: "confine it by the AppArmor `PROFILE`"},
		&cli.StringFlag{Name: "process-label", Usage: "give it the SELinux `LABEL`"},
		&cli.BoolFlag{Name: "ignore-paused", Usage: "if the container is paused, wait until it is resumed"},
		&cli.StringFlag{Name: "cgroup", Usage: "start in the cgroup `PATH` below the container's"},
	},
	More:   func() []cli.Flag { return engineFlags },
	Action: doExec,
}

func doExec(c *cli.Context) error {
	if c.NArg() == 0 {
		return wantArgs(c, "ID", "CMD…")
	}
	e, err := enter(c)
	if err != nil {
		return err
	}
	status, err := e.Run(c.String("root"), c.Args().First(), logOf(c).watch())
	if err != nil {
		return err
	}
	return statusError(status)
}

// enter reads the flags.
func enter(c *cli.Context) (e runtime.Enter, err error) {
	e.IgnorePaused = c.Bool("ignore-paused")
	e.Stdio = [3]*os.File{os.Stdin, os.Stdout, os.Stderr}
	e.Detached, e.Attached = c.Bool("detach"), !c.Bool("detach")
	if e.Cgroup, err = subgroup(c.String("cgroup")); err != nil {
		return e, err
	}
	if e.Handover, err = handover(c); err != nil {
		return e, err
	}
	if e.Fds, e.Env, err = descriptors(c); err != nil {
		return e, err
	}
	args := c.Args().Tail()
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if path := c.String("process"); path != "" {
		e.Process, err = readProcess(path, args, logOf(c).warn)
		return e, err
	}
	if len(args) == 0 {
		return e, fmt.Errorf("%s wants a command to run", "mini "+c.Command.Name)
	}
	e.Make = func(first specs.Process) (*specs.Process, error) { return further(c, first, args) }
	return e, nil
}

// subgroup reads PATH, or runc's CONTROLLERS:PATH, which has no meaning in v2.
func subgroup(s string) (string, error) {
	if controllers, _, ok := strings.Cut(s, ":"); ok && controllers != "" {
		return "", fmt.Errorf("--cgroup %s: cgroup v2 has one tree for all controllers: give the path alone", s)
	}
	return strings.TrimPrefix(s, ":"), nil
}

// readProcess reads a process that an engine has written.
func readProcess(path string, args []string, warn func(string)) (*specs.Process, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("--process says what to run: %q is too much", args)
	}
	p, warnings, err := bundle.LoadProcess(path)
	if err != nil {
		return nil, fmt.Errorf("--process: %w", err)
	}
	for _, w := range warnings {
		warn("--process " + path + ": " + w.String())
	}
	if len(p.Args) == 0 {
		return nil, fmt.Errorf("--process %s: args is empty: nothing to run", path)
	}
	return p, nil
}

// further is the container's first process with the changes of the flags.
func further(c *cli.Context, first specs.Process, args []string) (*specs.Process, error) {
	p := first
	p.Args, p.Terminal, p.ConsoleSize = args, c.Bool("tty"), nil
	p.Env = slices.Concat(first.Env, c.StringSlice("env"))
	if c.IsSet("cwd") {
		p.Cwd = c.String("cwd")
	}
	if c.IsSet("apparmor") {
		p.ApparmorProfile = c.String("apparmor")
	}
	if c.IsSet("process-label") {
		p.SelinuxLabel = c.String("process-label")
	}
	if c.IsSet("no-new-privs") {
		p.NoNewPrivileges = c.Bool("no-new-privs")
	}
	p.Capabilities = withCaps(first.Capabilities, c.StringSlice("cap"))
	return &p, identity(c, &p.User)
}

// withCaps adds to the sets that count for a program. Not to the inheritable
// and ambient ones: those would outlive the change to another program.
func withCaps(c *specs.LinuxCapabilities, more []string) *specs.LinuxCapabilities {
	if len(more) == 0 {
		return c
	}
	var with specs.LinuxCapabilities
	if c != nil {
		with = *c
	}
	with.Bounding = slices.Concat(with.Bounding, more)
	with.Permitted = slices.Concat(with.Permitted, more)
	with.Effective = slices.Concat(with.Effective, more)
	return &with
}

// identity reads --user and --additional-gids.
func identity(c *cli.Context, u *specs.User) error {
	for _, gid := range c.IntSlice("additional-gids") {
		if gid < 0 || gid > maxID {
			return fmt.Errorf("--additional-gids %d: not a group id", gid)
		}
		u.AdditionalGids = append(slices.Clip(u.AdditionalGids), uint32(gid))
	}
	if !c.IsSet("user") {
		return nil
	}
	uid, gid, hasGroup := strings.Cut(c.String("user"), ":")
	if err := number(uid, &u.UID); err != nil {
		return fmt.Errorf("--user %s: %w", c.String("user"), err)
	}
	if !hasGroup {
		return nil
	}
	if err := number(gid, &u.GID); err != nil {
		return fmt.Errorf("--user %s: %w", c.String("user"), err)
	}
	return nil
}

// maxID is the highest user or group id. The next number is the kernel's word for
// "as it is" (setresuid(2)), and that would be root.
const maxID = 1<<32 - 2

func number(s string, id *uint32) error {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n > maxID {
		return fmt.Errorf("wants numbers from 0 to %d, UID or UID:GID", maxID)
	}
	*id = uint32(n)
	return nil
}
