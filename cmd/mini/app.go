package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

// Exit statuses of mini's own. All others are the program's: 0 to 255 as it
// said, 128+n if signal n killed it.
const (
	exitTimeout = 124 // --timeout is over
	exitMini    = 125 // mini could not do what was asked
	// 126: the program is there but cannot be executed; 127: it is not there
)

// statusError ends mini with a status and without a word: all was said.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run is the whole program: its result is the exit status.
func run(args []string) int {
	v := &voice{stderr: os.Stderr, now: time.Now}
	err := newApp(v).Run(args)
	var status statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	v.fail(err)
	return exitStatus(err)
}

// exitStatus is 126 or 127 if the program could not be executed.
func exitStatus(err error) int {
	return runtime.Status(err)
}

// complain writes an error and, where one is known, the likeliest fix.
func complain(w io.Writer, err error) {
	fmt.Fprintln(w, "mini: "+runtime.Explain(err))
	if fix := advice(err); fix != "" {
		fmt.Fprintln(w, "  hint: "+fix)
	}
}

func newApp(v *voice) *cli.App {
	return &cli.App{
		Name:      "mini",
		Usage:     "run containers straight on the kernel's primitives",
		UsageText: "mini [global flags] COMMAND [flags] [arguments]",
		Flags:     append(globalFlags(), logFlags...),
		Data:      v,
		Before: func(c *cli.Context) error {
			if err := v.open(c); err != nil {
				return err
			}
			return checkGlobal(c)
		},
		Commands: commands(),
		Writer:   os.Stdout,
		Action:   noCommand,
	}
}

// commands is all there are.
func commands() []*cli.Command {
	return []*cli.Command{
		runCommand, planCommand, specCommand, validateCommand, doctorCommand,
		createCommand, startCommand, execCommand, pauseCommand, resumeCommand, updateCommand,
		stopCommand, restartCommand, waitCommand, healthCommand, topCommand, adoptCommand, logsCommand, attachCommand,
		listCommand, stateCommand, psCommand, eventsCommand, killCommand, deleteCommand, gcCommand,
		featuresCommand, versionCommand,
	}
}

// globalFlags are runc's, which engines put before the command.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "root", DefaultText: "/run/mini, for an ordinary user $XDG_RUNTIME_DIR/mini", Usage: "keep the containers' state in `DIR`"},
		&cli.BoolFlag{Name: "systemd-cgroup", Usage: "let systemd make the cgroups"},
		&cli.StringFlag{Name: "rootless", Value: "auto", Usage: "`true`, false or auto; mini sees by itself what it may do"},
		&cli.StringFlag{Name: "criu", Hidden: true}, // of runc's checkpoint
		&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version"},
	}
}

func checkGlobal(c *cli.Context) error {
	switch r := c.String("rootless"); r {
	case "true", "false", "auto":
		return chooseRoot(c)
	default:
		return fmt.Errorf("--rootless %s: true, false or auto", r)
	}
}

func noCommand(c *cli.Context) error {
	if c.Bool("version") {
		printVersion(os.Stdout)
		return nil
	}
	if c.NArg() == 0 {
		return c.App.Help()
	}
	if name := c.Args().First(); name == "checkpoint" || name == "restore" {
		return fmt.Errorf("%s is not among what mini does: a container that is to be written to disk and brought back needs another runtime, with CRIU", name)
	}
	return fmt.Errorf("no such command: %q (see mini --help)", c.Args().First())
}

// wantArgs refuses a wrong number of arguments, naming the ones expected.
func wantArgs(c *cli.Context, names ...string) error {
	if c.NArg() == len(names) {
		return nil
	}
	want := strings.Join(names, " ")
	if want == "" {
		want = "no arguments"
	}
	return fmt.Errorf("%s wants %s, got %d arguments", "mini "+c.Command.Name, want, c.NArg())
}
