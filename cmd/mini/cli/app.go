package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// App is a program and all of its commands.
type App struct {
	Name, Usage, UsageText string
	Flags                  []Flag // the global ones, before the command
	Commands               []*Command
	Before                 func(*Context) error // with the global flags, before any Action
	Action                 func(*Context) error // where no command of that name is
	Writer                 io.Writer            // of help
	Data                   any                  // the program's own
}

// Command is one of the program's.
type Command struct {
	Name, Usage, ArgsUsage, Description string
	Flags                               []Flag
	// More are flags behind those, where it takes work to put them together: it is
	// done for the command that is used, not by all of them at each start.
	More   func() []Flag
	Action func(*Context) error
}

// all is each flag that the command takes.
func (c *Command) all() []Flag {
	if c.More == nil {
		return c.Flags
	}
	return append(slices.Clip(c.Flags), c.More()...)
}

// errHelp says that --help is among the flags.
var errHelp = errors.New("help was asked for")

// Run does what args say; the first of them is the program's name.
func (a *App) Run(args []string) error {
	global := &Context{App: a, flags: a.Flags}
	err := global.parse(args[min(1, len(args)):])
	switch {
	case err == errHelp:
		return a.Help()
	case err != nil:
		return fmt.Errorf("%w (see %s --help)", err, a.Name)
	}
	if a.Before != nil {
		if err := a.Before(global); err != nil {
			return err
		}
	}
	if c := a.command(global.args.First()); c != nil {
		return a.run(c, global)
	}
	if global.args.First() == "help" {
		return a.helpFor(global.args.Tail())
	}
	return a.Action(global)
}

// run does one command.
func (a *App) run(cmd *Command, global *Context) error {
	c := &Context{App: a, Command: cmd, parent: global, flags: cmd.all()}
	err := c.parse(global.args.Tail())
	switch {
	case err == errHelp:
		return cmd.help(a.Writer, a.Name)
	case err != nil:
		return fmt.Errorf("%w (see %s %s --help)", err, a.Name, cmd.Name)
	}
	return cmd.Action(c)
}

func (a *App) command(name string) *Command {
	for _, c := range a.Commands {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// parse takes the flags from the front of args; what is left are the arguments.
func (c *Context) parse(args []string) error {
	for len(args) > 0 {
		word := args[0]
		if len(word) < 2 || word[0] != '-' {
			break
		}
		args = args[1:]
		if word == "--" {
			break
		}
		var err error
		if args, err = c.flag(word, args); err != nil {
			return err
		}
	}
	c.args = args
	return nil
}

// flag takes one flag, and its value where that is a word of its own.
func (c *Context) flag(word string, rest []string) ([]string, error) {
	name, value, hasValue := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
	f := find(c.flags, name)
	if f == nil {
		if name == "help" || name == "h" {
			return rest, errHelp
		}
		return rest, fmt.Errorf("no such flag: %s", strings.TrimSuffix(word, "="+value))
	}
	a := f.about()
	switch {
	case hasValue:
	case a.switches:
		value = "true"
	case len(rest) == 0:
		return rest, fmt.Errorf("%s wants a value", word)
	default:
		value, rest = rest[0], rest[1:]
	}
	return rest, c.give(a, value)
}
