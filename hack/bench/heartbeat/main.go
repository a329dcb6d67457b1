// Command heartbeat measures what it takes to watch services: the cost of one
// probe of each kind, the time from a death or a failure to the next start, and the
// memory and CPU time of who watches, for mini and for podman in turns.
//
//	CGO_ENABLED=0 go run ./hack/bench/heartbeat [-rounds 5] [-counts 1,10,100,500] [-json FILE]
//
// It needs root and podman (hack/bootstrap engines); where cgroups are hybrid it
// runs in a mount namespace with a plain cgroup2. HEARTBEAT.md, one folder up,
// has what was found.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mini/hack/bench/host"
)

// bench is a run with its settings.
type bench struct {
	*lab
	record
	mini   mini
	podman podman

	rounds, podmanProbes, podmanMost int
	counts                           []int
	span, settle, idle               time.Duration
}

func main() {
	if err := choose(); err != nil {
		fmt.Fprintln(os.Stderr, "heartbeat:", err)
		os.Exit(1)
	}
}

// choose is for what this program is: the bench, or in a container the service and
// its probe.
func choose() error {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "service":
		return serve()
	case len(os.Args) > 1 && os.Args[1] == "once":
		p, err := openPage("/bench/page")
		if err == nil {
			p.born()
		}
		return err
	case len(os.Args) > 2 && os.Args[1] == "ask":
		return ask(os.Args[2])
	}
	return measureAll()
}

func measureAll() (err error) {
	b := &bench{}
	flag.IntVar(&b.rounds, "rounds", 5, "how often each probe, restart and failure is measured anew")
	flag.IntVar(&b.podmanProbes, "podman-probes", 5, "probes of podman in a round")
	flag.IntVar(&b.podmanMost, "podman-most", 100, "the most containers that podman watches at a time")
	flag.DurationVar(&b.span, "window", 2*time.Second, "how long probes are counted")
	flag.DurationVar(&b.settle, "settle", 12*time.Second, "how long after the last start the crowd is looked at")
	flag.DurationVar(&b.idle, "idle", time.Minute, "for how long")
	counts := flag.String("counts", "1,10,100,500", "how many containers are watched at a time")
	only := flag.String("only", "floor,probes,restarts,failures,memory", "what is measured")
	program := flag.String("mini", "bin/mini", "mini's program")
	runtime := flag.String("runtime", "crun", "podman's runtime")
	file := flag.String("json", "", "write all samples to this file")
	flag.Parse()
	if b.counts, err = numbers(*counts); err != nil {
		return err
	}
	if err := errors.Join(host.PlainCgroup(), host.AllowMemlock()); err != nil {
		return err
	}
	path, err := filepath.Abs(*program)
	if err != nil {
		return err
	}
	if b.lab, err = newLab(path, *runtime); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.leave()) }()
	if err := b.run(strings.Split(*only, ",")); err != nil {
		return err
	}
	b.print(os.Stdout)
	return b.save(*file)
}

func numbers(list string) (n []int, err error) {
	for _, word := range strings.Split(list, ",") {
		value, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		n = append(n, value)
	}
	slices.Sort(n)
	return n, nil
}

func (b *bench) run(only []string) (err error) {
	b.mini = mini{b.lab}
	if b.podman, err = newPodman(b.lab); err != nil {
		return err
	}
	b.Date, b.Probes, b.Machine = time.Now().UTC().Format(time.DateTime), b.podmanProbes, machine()
	for _, part := range []struct {
		name string
		do   func() error
	}{{"floor", b.floor}, {"probes", b.probes}, {"restarts", b.restarts}, {"failures", b.failures}, {"memory", b.memory}} {
		if !slices.Contains(only, part.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", part.name)
		if err := part.do(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	b.judge()
	return nil
}

// save writes all samples.
func (b *bench) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(b.record, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
