package tell

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// metricsFile keeps a file with the metrics, for a collector that reads files.
type metricsFile struct {
	path  string
	page  func() []byte
	say   func(string)
	every time.Duration

	wake, over chan struct{}
	done       chan struct{}
	failing    bool // of the goroutine
}

// spacing is the least time between two writes.
const spacing = time.Second

// keep writes the file once, to see that it can be, and goes on in a goroutine.
func keep(path string, every time.Duration, page func() []byte, say func(string)) (*metricsFile, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is not a regular file, and would be replaced by one", path)
	}
	f := &metricsFile{
		path: path, page: page, say: say, every: max(every, spacing),
		wake: make(chan struct{}, 1), over: make(chan struct{}), done: make(chan struct{}),
	}
	if err := f.write(); err != nil {
		return nil, err
	}
	go f.run()
	return f, nil
}

// changed has the file written soon.
func (f *metricsFile) changed() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *metricsFile) run() {
	defer close(f.done)
	timer := time.NewTimer(f.every)
	defer timer.Stop()
	for last := time.Now(); ; {
		select {
		case <-f.over:
			f.try()
			return
		case <-f.wake:
			timer.Reset(max(0, spacing-time.Since(last)))
		case <-timer.C:
			f.try()
			last = time.Now()
			timer.Reset(f.every)
		}
	}
}

// try writes the file and says why that fails, once until it works again.
func (f *metricsFile) try() {
	err := f.write()
	if err != nil && !f.failing {
		f.say("metrics: " + err.Error())
	}
	f.failing = err != nil
}

// write puts a new file in the place of the old one: a reader sees one of them,
// whole (rename(2)). Its name until then begins with a dot and does not end with
// .prom, which node_exporter looks for.
func (f *metricsFile) write() error {
	dir, name := filepath.Split(f.path)
	tmp := filepath.Join(dir, "."+name+"."+strconv.Itoa(os.Getpid()))
	err := os.WriteFile(tmp, f.page(), 0o644)
	if err == nil {
		err = os.Rename(tmp, f.path)
	}
	if err != nil {
		_ = os.Remove(tmp) // it may not be there
	}
	return err
}

// close writes it for the last time.
func (f *metricsFile) close() {
	close(f.over)
	<-f.done
}
