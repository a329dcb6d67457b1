package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

// watchFlags let a person see the set-up as it happens.
var watchFlags = []cli.Flag{
	&cli.BoolFlag{Name: "explain", Usage: "print each step as it is done, with its time, to stderr"},
	&cli.BoolFlag{Name: "step", Usage: "say what each step is and why, and wait for Enter before it is done"},
}

// watch is what the flags ask for.
func watch(c *cli.Context) runtime.Watch {
	w := logOf(c).watch()
	if c.Bool("explain") || c.Bool("step") {
		w.After = explain
	}
	if c.Bool("step") {
		w.Before = ask
	}
	return w
}

// explain is one line for a step that is done.
func explain(i int, s runtime.Step, took time.Duration) {
	fmt.Fprintf(os.Stderr, "%4d %-9s %7.3f ms  %s\n", i+1, s.Stage, float64(took.Microseconds())/1000, s)
}

// ask waits for a person at the terminal: stdin is the program's.
func ask(i int, s runtime.Step) error {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("--step needs a terminal: %w", err)
	}
	defer tty.Close()
	fmt.Fprintf(tty, "%4d %s: %s\n     %s\n     [Enter] does it, q ends here: ", i+1, s.Stage, s, s.Why())
	line, err := bufio.NewReader(tty).ReadString('\n')
	if err != nil {
		return err
	}
	if line == "q\n" {
		return errors.New("stopped before this step")
	}
	return nil
}
