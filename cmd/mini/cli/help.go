package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Help prints the program's commands and global flags.
func (a *App) Help() error {
	w := tabwriter.NewWriter(a.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n%s\n\nCommands:\n", a.Name, a.Usage, a.UsageText)
	for _, c := range a.Commands {
		fmt.Fprintf(w, "  %s\t%s\n", c.Name, c.Usage)
	}
	fmt.Fprintf(w, "  help\tprint this, or with a COMMAND what %s COMMAND --help prints\n\nGlobal flags:\n", a.Name)
	flags(w, a.Flags)
	return w.Flush()
}

// helpFor is help with the names of commands behind it.
func (a *App) helpFor(names []string) error {
	if len(names) == 0 {
		return a.Help()
	}
	c := a.command(names[0])
	if c == nil {
		return fmt.Errorf("no such command: %q (see %s --help)", names[0], a.Name)
	}
	return c.help(a.Writer, a.Name)
}

// help prints what a command takes.
func (c *Command) help(out io.Writer, program string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s %s: %s\n\n%s\n", program, c.Name, c.Usage, strings.TrimSpace(program+" "+c.Name+" [flags] "+c.ArgsUsage))
	if c.Description != "" {
		fmt.Fprintf(w, "\n%s\n", c.Description)
	}
	fmt.Fprint(w, "\nFlags:\n")
	flags(w, c.all())
	return w.Flush()
}

func flags(w io.Writer, list []Flag) {
	for _, f := range list {
		if a := f.about(); !a.hidden {
			fmt.Fprintf(w, "  %s\t%s\n", a.line(), a.text())
		}
	}
	fmt.Fprint(w, "  --help, -h\tprint this\n")
}

// line is how a flag is written.
func (a about) line() string {
	line := "--" + a.name
	for _, alias := range a.aliases {
		line += ", " + strings.Repeat("-", min(len(alias), 2)) + alias
	}
	if word, _ := placeholder(a.usage); !a.switches {
		line += " " + word
	}
	return line
}

// text is what it does, and what holds without it.
func (a about) text() string {
	_, text := placeholder(a.usage)
	if a.fallback != "" {
		text += " (default: " + a.fallback + ")"
	}
	return text
}
