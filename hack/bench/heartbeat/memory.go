package main

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// memory fills the machine with small services and looks at those who watch them.
func (b *bench) memory() error {
	asked, err := b.health(`"http": {"url": "http://` + webAddress + `/"}, "interval": "10s", "delay": "1s"`)
	if err != nil {
		return err
	}
	run, err := b.file("exec.json", `{"onFailure": "none", "checks": [{"name": "bench", "exec": {"args": ["/bin/true"]}, "interval": "10s", "delay": "1s"}]}`)
	if err != nil {
		return err
	}
	// One user may have 200 keys (keyrings(7)), and all containers of root's are
	// one user's outside.
	const keys = "--no-new-keyring"
	for _, set := range []struct {
		what string
		e    engine
		flag []string
		most int
	}{
		{"nobody asks", b.mini, []string{keys}, 1 << 20},
		{"nobody asks", b.podman, nil, b.podmanMost},
		{"http each 10 s", b.mini, []string{keys, asked}, 1 << 20},
		{"exec each 10 s", b.mini, []string{keys, "--health-file", run}, 100},
	} {
		if err := b.crowd(set.what, set.e, set.flag, set.most); err != nil {
			return err
		}
	}
	return nil
}

// crowd makes as many services as each count says, and measures at each.
func (b *bench) crowd(what string, e engine, flags []string, most int) (err error) {
	var all []*service
	defer func() {
		err = errors.Join(err, each(len(all), func(i int) error { return e.remove(all[i]) }))
	}()
	for _, count := range b.counts {
		if count > most {
			return nil
		}
		more, err := b.several(e, flags, count-len(all))
		all = append(all, more...)
		if err != nil {
			return err
		}
		if err := b.look(fmt.Sprintf("%d watched, %s", count, what), e, all); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) several(e engine, flags []string, n int) ([]*service, error) {
	var names []string
	for range n {
		names = append(names, b.unused())
	}
	all := make([]*service, n)
	err := each(n, func(i int) (err error) {
		all[i], err = e.start(names[i], flags, "/bin/httpd", "-f", "-p", webAddress, "-h", "/www")
		return err
	})
	made := all[:0]
	for _, s := range all {
		if s != nil {
			made = append(made, s)
		}
	}
	return made, err
}

// each calls do for 0 to n-1, two at a time.
func each(n int, do func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for worker := range 2 {
		all.Go(func() {
			for i := worker; i < n; i += 2 {
				errs[i] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// look waits until all is quiet, and then takes the window's CPU time, context
// switches, and memory.
func (b *bench) look(section string, e engine, all []*service) error {
	time.Sleep(b.settle)
	before, err := total(all)
	if err != nil {
		return err
	}
	time.Sleep(b.idle)
	after, err := total(all)
	if err != nil {
		return err
	}
	minutes, n := b.idle.Minutes(), float64(len(all))
	if e.name() == "mini" {
		b.add(section, "CPU of one", "ms a minute", "mini", milliseconds(after.cpu-before.cpu)/minutes/n)
	}
	b.add(section, "ticks of CPU of all", "a minute", e.name(), float64(after.ticks-before.ticks)/minutes)
	b.add(section, "context switches of one", "a minute", e.name(), (after.switches-before.switches)/minutes/n)
	for _, s := range all {
		whole, dirty, err := private(s.watcher)
		if err != nil {
			return err
		}
		b.add(section, "private memory of one", "MiB", e.name(), whole/1024)
		b.add(section, "dirty part of that", "MiB", e.name(), dirty/1024)
		if whole, err = own(s); err != nil {
			return err
		}
		b.add(section, "anonymous memory, with its guard", "MiB", e.name(), whole/1024)
	}
	return nil
}

// A sum is what all who watch have used.
type sum struct {
	cpu      time.Duration
	ticks    int64
	switches float64
}

func total(all []*service) (t sum, err error) {
	for _, s := range all {
		used := time.Duration(0)
		if s.group != "" {
			if used, err = usage(s.group); err != nil {
				return t, err
			}
		}
		st, err := readStat(s.watcher)
		if err != nil {
			return t, err
		}
		n, err := switches(s.watcher)
		if err != nil {
			return t, err
		}
		t.cpu, t.ticks, t.switches = t.cpu+used, t.ticks+st.ticks, t.switches+n
	}
	return t, nil
}
