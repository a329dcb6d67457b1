package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/stdio"
)

var topCommand = &cli.Command{
	Name:  "top",
	Usage: "watch all containers: health, restarts, limits and what they use",
	Description: "Live in a terminal: q quits, and c, m, p, r and n sort by processor, memory, processes, restarts and name. " +
		"Elsewhere, or with --once, the table is printed once.\n" +
		"CPU% is that of the time since the last look, THR% the part of it in which cpu.max held the container back. WAIT is for how much of the " +
		"last ten seconds some task waited for processor, memory and disk, in percent (PSI). A container without a supervisor " +
		"of its own has the state that `mini state` tells.",
	Flags: []cli.Flag{
		&cli.BoolFlag{Name: "once", Usage: "print the table once"},
		&cli.DurationFlag{Name: "interval", Value: 2 * time.Second, Usage: "look anew after `DURATION`"},
		&cli.StringFlag{Name: "sort", Value: "cpu", Usage: "sort by `WHAT`: cpu, memory, pids, restarts or name"},
	},
	Action: func(c *cli.Context) error {
		if err := wantArgs(c); err != nil {
			return err
		}
		t := top{root: c.String("root"), by: order(c.String("sort"))}
		if !t.by.known() {
			return fmt.Errorf("--sort %s: cpu, memory, pids, restarts or name", t.by)
		}
		every := c.Duration("interval")
		if every < 100*time.Millisecond {
			return fmt.Errorf("--interval %s: at least 100ms", every)
		}
		if c.Bool("once") || !runtime.Interactive() {
			return t.once()
		}
		return t.live(every)
	},
}

// top is what is shown, and how.
type top struct {
	root string
	by   order
	last map[string]runtime.Sight // of the look before
	rows []row
}

// look takes another look.
func (t *top) look() error {
	sights, err := runtime.Survey(t.root)
	if err != nil {
		return err
	}
	t.rows = t.rows[:0]
	now := make(map[string]runtime.Sight, len(sights))
	for _, s := range sights {
		now[s.ID] = s
		t.rows = append(t.rows, newRow(t.last[s.ID], s))
	}
	t.last = now
	return nil
}

// onceApart is the time between the two looks that a use of the processor takes.
const onceApart = 250 * time.Millisecond

func (t *top) once() error {
	if err := t.look(); err != nil {
		return err
	}
	if len(t.rows) > 0 {
		time.Sleep(onceApart)
		if err := t.look(); err != nil {
			return err
		}
	}
	t.by.sort(t.rows)
	for _, line := range columns(t.rows) {
		fmt.Println(strings.TrimRight(line, " "))
	}
	return nil
}

// What a terminal is told (ECMA-48, and xterm's second screen).
const (
	screen   = "\x1b[?1049h\x1b[?25l" // the second screen, no cursor
	unscreen = "\x1b[?25h\x1b[?1049l"
	home     = "\x1b[H"
	toEnd    = "\x1b[K"
	toBottom = "\x1b[J"
)

// live shows the table until q is typed or a signal comes. The terminal is as
// before then.
func (t *top) live(every time.Duration) (err error) {
	restore, err := stdio.Raw(os.Stdin)
	if err != nil {
		return err
	}
	defer func() { _ = restore() }()
	events := make(chan os.Signal, 8)
	signal.Notify(events, unix.SIGWINCH, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT)
	if _, err := os.Stdout.WriteString(screen); err != nil {
		return err
	}
	defer func() { _, _ = os.Stdout.WriteString(unscreen) }()
	keys := make(chan byte)
	go typed(keys)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for looks := true; ; {
		if looks {
			if err := t.look(); err != nil {
				return err
			}
		}
		if err := t.draw(); err != nil {
			return err
		}
		looks = false
		select {
		case <-tick.C:
			looks = true
		case s := <-events:
			if s != unix.SIGWINCH {
				return nil
			}
		case k, open := <-keys:
			if !open || k == 'q' || k == 'Q' || k == 3 { // 3: ctrl-c
				return nil
			}
			t.by = t.by.key(k)
		}
	}
}

// typed gives the keys. It is left behind when the process ends.
func typed(keys chan<- byte) {
	defer close(keys)
	var b [1]byte
	for {
		if n, err := os.Stdin.Read(b[:]); n != 1 || err != nil {
			return
		}
		keys <- b[0]
	}
}

// draw writes the screen at once, so that it does not flicker.
func (t *top) draw() error {
	height, width := stdio.Size(os.Stdout)
	t.by.sort(t.rows)
	lines := fit(append([]string{summary(t.rows, t.by, time.Now())}, columns(t.rows)...), height, width)
	_, err := os.Stdout.WriteString(home + strings.Join(lines, toEnd+"\r\n") + toEnd + toBottom)
	return err
}
