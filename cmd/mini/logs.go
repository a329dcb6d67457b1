package main

import (
	"bufio"
	"errors"
	"os"
	"time"

	"mini/cmd/mini/cli"
	"mini/runtime"
	"mini/runtime/logs"
)

var logsCommand = &cli.Command{
	Name:      "logs",
	Usage:     "print what a container that was started by run -d has written",
	ArgsUsage: "ID",
	Description: "What it wrote to stdout or its terminal goes to stdout, what it wrote to stderr to stderr, and so do mini's own words " +
		"about it: its restarts, and the account of each remarkable end.",
	Flags: []cli.Flag{
		&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until the container has ended"},
		&cli.IntFlag{Name: "tail", Aliases: []string{"n"}, Value: -1, DefaultText: "all there are", Usage: "only the last `N` lines"},
		&cli.BoolFlag{Name: "timestamps", Aliases: []string{"t"}, Usage: "put the time before each line"},
	},
	Action: func(c *cli.Context) error {
		id, err := id(c)
		if err != nil {
			return err
		}
		p := printer{stamps: c.Bool("timestamps"), out: bufio.NewWriter(os.Stdout), err: bufio.NewWriter(os.Stderr)}
		query := logs.Query{Tail: c.Int("tail"), Follow: c.Bool("follow"), Pause: p.flush}
		return runtime.Logs(c.String("root"), id, query, p.print)
	},
}

// printer puts the records' lines together again.
type printer struct {
	stamps   bool
	out, err *bufio.Writer
	within   [3]bool // a line that has begun, of each stream
}

func (p *printer) print(r logs.Record) error {
	w, other := p.out, p.err
	if r.Stream != logs.Stdout {
		w, other = other, w
	}
	if err := other.Flush(); err != nil { // both may be the same terminal
		return err
	}
	if !p.within[r.Stream] {
		_, _ = w.WriteString(p.head(r)) // Flush tells
	}
	p.within[r.Stream] = !r.Full
	_, err := w.Write(r.Text)
	if r.Full {
		err = w.WriteByte('\n')
	}
	return err
}

func (p *printer) flush() error { return errors.Join(p.out.Flush(), p.err.Flush()) }

// head is what comes before a line.
func (p *printer) head(r logs.Record) (head string) {
	if p.stamps {
		head = r.Time.Format(time.RFC3339Nano) + " "
	}
	if r.Stream == logs.Mini {
		head += "mini: "
	}
	return head
}
