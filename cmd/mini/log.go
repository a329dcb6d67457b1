package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
)

// logFlags say where mini's own words go. An engine reads the last error in the
// file, and shows it to people.
var logFlags = []cli.Flag{
	&cli.StringFlag{Name: "log", Usage: "write errors and warnings to `FILE` too"},
	&cli.StringFlag{Name: "log-format", Value: "text", Usage: "`text` or json, for --log"},
	&cli.BoolFlag{Name: "debug", Usage: "write each step of the plan as it is done"},
}

// voice is what mini's own words go through: stdout is the program's own.
type voice struct {
	stderr io.Writer
	file   io.Writer // of --log, nil without
	json   bool
	debug  bool
	now    func() time.Time
}

// logOf is the voice of a command.
func logOf(c *cli.Context) *voice { return c.App.Data.(*voice) }

// open reads the flags.
func (v *voice) open(c *cli.Context) error {
	switch format := c.String("log-format"); format {
	case "text", "json":
		v.json = format == "json"
	default:
		return fmt.Errorf("--log-format %s: no such format (text, json)", format)
	}
	v.debug = c.Bool("debug")
	if !c.IsSet("log") || c.String("log") == "" {
		return nil
	}
	f, err := os.OpenFile(c.String("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	v.file = f // until the end of the process
	return nil
}

// warn writes what did not go as asked. With --log stderr is left alone, for
// the container may have got it from the engine.
func (v *voice) warn(text string) {
	if v.file == nil {
		fmt.Fprintln(v.stderr, "mini: "+text)
		return
	}
	v.entry("warning", text)
}

// fail writes why mini ends, and the likeliest fix, to stderr and the log.
func (v *voice) fail(err error) {
	complain(v.stderr, err)
	if v.file == nil {
		return
	}
	text := runtime.Explain(err)
	if fix := advice(err); fix != "" {
		text += " (hint: " + fix + ")"
	}
	v.entry("error", text)
}

// watch is what everything that is set up is watched by.
func (v *voice) watch() runtime.Watch {
	w := runtime.Watch{Say: v.warn}
	if v.debug {
		w.After = v.step
	}
	return w
}

// step is a step of the plan that is done.
func (v *voice) step(i int, s runtime.Step, took time.Duration) {
	text := fmt.Sprintf("%d %s: %s (%s)", i+1, s.Stage, s, took.Round(time.Microsecond))
	if v.file == nil {
		fmt.Fprintln(v.stderr, "mini: "+text)
		return
	}
	v.entry("debug", text)
}

// entry writes one line in the form that engines know from logrus.
func (v *voice) entry(level, text string) {
	at := v.now().UTC().Format(time.RFC3339)
	if !v.json {
		fmt.Fprintf(v.file, "time=%q level=%s msg=%q\n", at, level, text)
		return
	}
	line, err := json.Marshal(struct {
		Level string `json:"level"`
		Msg   string `json:"msg"`
		Time  string `json:"time"`
	}{level, strings.TrimSpace(text), at})
	if err == nil {
		_, _ = v.file.Write(append(line, '\n')) // nowhere left to complain
	}
}
