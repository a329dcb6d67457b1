package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// kinds are the ways to ask, with their settings. Those that nobody asks have no
// interval.
var kinds = []struct{ name, settings string }{
	{"exec", `"exec": {"args": ["/bin/true"]}, "interval": "40ms", "timeout": "30s", "delay": "500ms"`},
	{"http", `"http": {"url": "http://` + webAddress + `/"}, "interval": "20ms", "timeout": "30s", "delay": "500ms"`},
	{"tcp", `"tcp": {"address": "` + webAddress + `"}, "interval": "20ms", "timeout": "30s", "delay": "500ms"`},
	{"unix", `"unix": {"path": "` + linePath + `"}, "interval": "20ms", "timeout": "30s", "delay": "500ms"`},
	{"grpc", `"grpc": {"address": "` + webAddress + `"}, "interval": "20ms", "timeout": "30s", "delay": "500ms"`},
	{"notify", `"notify": {"watchdog": "30s"}`},
}

const probeSection = "one probe"

// probes measures what a probe costs, round by round: each kind in a container of
// its own, and then podman's.
func (b *bench) probes() error {
	s, err := b.podman.start(b.unused(), []string{"--health-cmd", "CMD /bin/true", "--health-interval", "disable"}, servicePath, "service")
	if err != nil {
		return err
	}
	defer b.podman.remove(s)
	for round := range b.rounds {
		for i := range kinds {
			if err := b.probesOf(kinds[(round+i)%len(kinds)].name, kinds[(round+i)%len(kinds)].settings); err != nil {
				return err
			}
		}
		for range b.podmanProbes {
			wall, cpu, err := b.podman.probe(s.name)
			if err != nil {
				return err
			}
			b.add(probeSection, "exec: CPU", "ms", "podman", milliseconds(cpu))
			b.add(probeSection, "exec: time", "ms", "podman", milliseconds(wall))
		}
	}
	return b.pressure()
}

// health writes a health file and returns the flag for it.
func (b *bench) health(settings string) (string, error) {
	path, err := b.file("health.json", `{"onFailure": "none", "checks": [{"name": "bench", `+settings+`}]}`)
	return "--health-file=" + path, err
}

func (b *bench) probesOf(kind, settings string) error {
	file, err := b.health(settings)
	if err != nil {
		return err
	}
	name := b.unused()
	s, err := b.mini.start(name, []string{file, b.mini.metrics(name)}, servicePath, "service")
	if err != nil {
		return err
	}
	defer b.mini.remove(s)
	time.Sleep(time.Second) // it has been asked for half of that
	groups := []string{s.group}
	if kind == "exec" {
		groups = append(groups, filepath.Join(cgroupRoot, "mini", name)) // where the program is
	}
	cpu, n, children, err := b.window(s, groups)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", kind, err, b.mini.words(name))
	}
	b.add(probeSection, kind+": CPU", "ms", "mini", milliseconds(cpu)/n)
	if kind == "exec" || kind == "notify" {
		return b.durations(name, kind)
	}
	b.add(probeSection, kind+": page faults of children", "", "mini", float64(children))
	return b.durations(name, kind)
}

// window watches probes for a while: their CPU time and number, and whether the
// supervisor had children.
func (b *bench) window(s *service, groups []string) (cpu time.Duration, n float64, children int64, err error) {
	first, err := b.mini.probes(s.name)
	if err != nil {
		return 0, 0, 0, err
	}
	before, err := usages(groups...)
	if err != nil {
		return 0, 0, 0, err
	}
	was, err := readStat(s.watcher)
	if err != nil {
		return 0, 0, 0, err
	}
	time.Sleep(b.span)
	is, err := readStat(s.watcher)
	if err != nil {
		return 0, 0, 0, err
	}
	after, err := usages(groups...)
	if err != nil {
		return 0, 0, 0, err
	}
	last, err := b.mini.probes(s.name)
	if err == nil && last == first {
		err = fmt.Errorf("no probe in %s", b.span)
	}
	return after - before, last - first, is.children - was.children, err
}

// durations are those of the last probes, as the supervisor measured them.
func (b *bench) durations(name, kind string) error {
	if kind == "notify" {
		return nil // nobody waits for it
	}
	text, err := b.mini.output("health", "--format", "json", name)
	if err != nil {
		return err
	}
	var v struct {
		Checks []struct {
			Results []struct {
				Took float64 `json:"seconds"`
			} `json:"results"`
		} `json:"checks"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	for _, c := range v.Checks {
		for _, r := range c.Results {
			b.add(probeSection, kind+": time", "ms", "mini", r.Took*1000)
		}
	}
	return nil
}

// pressure is the kind that costs only when it fires: what the supervisor uses while
// the kernel watches.
func (b *bench) pressure() error {
	file, err := b.health(`"pressure": {"resource": "cpu", "stall": "1900ms"}`)
	if err != nil {
		return err
	}
	s, err := b.mini.start(b.unused(), []string{file}, "/bin/sleep", "1000")
	if err != nil {
		return err
	}
	defer b.mini.remove(s)
	time.Sleep(time.Second)
	before, err := usage(s.group)
	if err != nil {
		return err
	}
	time.Sleep(5 * b.span)
	after, err := usage(s.group)
	b.add(probeSection, "pressure: CPU of the supervisor", "ms a minute", "mini", milliseconds(after-before)*float64(time.Minute)/float64(5*b.span))
	return err
}
