package cgroups

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTrigger(t *testing.T) {
	for _, c := range []struct {
		t    Trigger
		want string
	}{
		{Trigger{"memory", false, 150 * time.Millisecond, time.Second}, "some 150000 1000000"},
		{Trigger{"io", true, time.Microsecond, 10 * time.Second}, "full 1 10000000"},
		{Trigger{"cpu", false, 500 * time.Millisecond, 500 * time.Millisecond}, "some 500000 500000"},
		{Trigger{"disk", false, 1e8, 1e9}, `no pressure of "disk": it is cpu, memory or io`},
		{Trigger{"io", false, 1e8, 11e9}, "a window of 11s: it is 500ms to 10s"},
		{Trigger{"io", false, 1e8, 4e8}, "a window of 400ms: it is 500ms to 10s"},
		{Trigger{"io", false, 2e9, 1e9}, "a stall of 2s in a window of 1s"},
		{Trigger{"io", false, 999, 1e9}, "a stall of 999ns in a window of 1s"},
	} {
		got := c.t.String()
		if err := c.t.check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.t, got, c.want)
		}
	}
}

func TestTriggerWords(t *testing.T) {
	p := &Pressure{Some: Stall{Avg10: 12.5, Total: 3e6}, Full: Stall{Avg10: 1, Total: 1500}}
	for _, c := range []struct {
		t    Trigger
		want string
	}{
		{Trigger{"memory", false, 15e7, 1e9}, "some tasks waited for memory for 150ms of 1s; 12.5% of the last 10 s, 3s in all"},
		{Trigger{"io", true, 1e9, 2e9}, "all tasks waited for io for 1s of 2s; 1% of the last 10 s, 1.5ms in all"},
	} {
		if got := c.t.words(p); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// soon is a context that ends long after what a test waits for.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// alarmed closes an alarm at the end.
func alarmed(t *testing.T, a *Alarm, err error) *Alarm {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return a
}

// rings waits for an alarm whose text has to contain want.
func rings(t *testing.T, a *Alarm, want string) {
	t.Helper()
	if text, err := a.Wait(soon(t)); !strings.Contains(text, want) || err != nil {
		t.Errorf("got %q, %v; want %q", text, err, want)
	}
}

// ends waits for the end of what an alarm is about.
func ends(t *testing.T, a *Alarm) {
	t.Helper()
	if text, err := a.Wait(soon(t)); !errors.Is(err, unix.ENODEV) {
		t.Errorf("got %q, %v; want ENODEV", text, err)
	}
}

// silent holds that nothing happens for a while.
func silent(t *testing.T, a *Alarm, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if text, err := a.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %q, %v; want nothing", text, err)
	}
}

// bare is a group without controllers.
func bare(t *testing.T) *Group { return made(t, kernel(t), testPath(t), openCgroup) }

// The one event file that every group has stands for the others here.
func TestKernelEventsAlarm(t *testing.T) {
	g := bare(t)
	a, err := g.EventsAlarm("cgroup.events", "populated")
	a = alarmed(t, a, err)
	silent(t, a, 20*time.Millisecond)
	c := start(t, g, "wait")
	rings(t, a, "populated of cgroup.events grew by 1, to 1")
	silent(t, a, 20*time.Millisecond)
	c.in.Close()
	c.signal()
	ends(t, a)
}

// What happens while nobody waits is kept.
func TestKernelEventsAlarmLater(t *testing.T) {
	g := bare(t)
	a, err := g.EventsAlarm("cgroup.events", "frozen")
	a = alarmed(t, a, err)
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	rings(t, a, "frozen of cgroup.events grew by 1")
}

// What happened before the alarm was made is not lost, if the group is known from
// its beginning.
func TestKernelEventsAlarmTooLate(t *testing.T) {
	g := bare(t)
	if err := g.Freeze(); err != nil {
		t.Fatal(err)
	}
	a, err := g.EventsAlarm("cgroup.events", "frozen")
	rings(t, alarmed(t, a, err), "frozen of cgroup.events grew by 1, to 1")
	found, err := Open(g.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	a, err = found.EventsAlarm("cgroup.events", "frozen")
	silent(t, alarmed(t, a, err), 20*time.Millisecond)
}

func TestKernelAlarmOfRemovedGroup(t *testing.T) {
	g := bare(t)
	events, err := g.EventsAlarm("cgroup.events", "frozen")
	events = alarmed(t, events, err)
	pressure, err := g.PressureAlarm(Trigger{"memory", false, 1e9, 2e9})
	pressure = alarmed(t, pressure, err)
	silent(t, pressure, 20*time.Millisecond)
	result := make(chan error)
	go func() { _, err := pressure.Wait(soon(t)); result <- err }()
	if err := g.Remove(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, unix.ENODEV) {
		t.Errorf("pressure: %v", err)
	}
	ends(t, events)
}

func TestKernelAlarmErrors(t *testing.T) {
	g := bare(t)
	for _, c := range []struct{ file, key string }{
		{"none.events", "x"}, {"cgroup.events", "none"},
	} {
		if a, err := g.EventsAlarm(c.file, c.key); !errors.Is(err, unix.ENOENT) || a != nil {
			t.Errorf("%s %s: %v", c.file, c.key, err)
		}
	}
	for _, file := range []string{"cgroup.procs", "../cgroup.events", "/sys/x.events"} {
		if _, err := g.EventsAlarm(file, "x"); err == nil || !strings.Contains(err.Error(), "not an event file") {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, err := g.PressureAlarm(Trigger{"memory", false, 2e9, 1e9}); err == nil {
		t.Error("more stall than window")
	}
}

func TestKernelAlarmClosed(t *testing.T) {
	g := bare(t)
	a, err := g.PressureAlarm(Trigger{"memory", false, 1e9, 2e9})
	if err != nil {
		t.Fatal(err)
	}
	bell := a.bell
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-bell.rung; open || bell.err == nil {
		t.Errorf("its goroutine has not ended: %v", bell.err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

// TestKernelAlarmsNeedNoThreads waits for a hundred at once.
func TestKernelAlarmsNeedNoThreads(t *testing.T) {
	g := bare(t)
	ctx, cancel := context.WithCancel(context.Background())
	before := threads(t)
	done := make(chan error)
	for range 50 {
		p, err := g.PressureAlarm(Trigger{"memory", false, 1e9, 2e9})
		e, err2 := g.EventsAlarm("cgroup.events", "frozen")
		for _, a := range []*Alarm{alarmed(t, p, err), alarmed(t, e, err2)} {
			go func() { _, err := a.Wait(ctx); done <- err }()
		}
	}
	silent(t, func() *Alarm { a, err := g.EventsAlarm("cgroup.events", "frozen"); return alarmed(t, a, err) }(), 50*time.Millisecond)
	if now := threads(t); now > before+25 { // a busy machine needs some for those who are in a system call
		t.Errorf("%d threads before, %d with 100 alarms", before, now)
	}
	cancel()
	for range 100 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func threads(t *testing.T) int {
	list, err := filepath.Glob("/proc/self/task/*")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return len(list)
}

// TestKernelCPUPressureAlarm lets more processes run than there are CPUs.
func TestKernelCPUPressureAlarm(t *testing.T) {
	g := bare(t)
	a, err := g.PressureAlarm(Trigger{"cpu", false, 50 * time.Millisecond, 2 * time.Second})
	a = alarmed(t, a, err)
	silent(t, a, 100*time.Millisecond)
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Fatal(err)
	}
	for range set.Count() + 1 {
		start(t, g, "spin 600000") // until the test ends
	}
	rings(t, a, "some tasks waited for cpu for 50ms of 2s")
	rings(t, a, "some tasks waited for cpu")
	if _, err := os.Stat(g.Path()); err != nil {
		t.Error(err)
	}
}

func TestVMOOMAlarm(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{"memory":{"limit":33554432,"swap":33554432}}`)
	a, err := g.EventsAlarm("memory.events", "oom_kill")
	a = alarmed(t, a, err)
	start(t, g, "wait") // keeps the group from becoming empty
	for _, want := range []string{"oom_kill of memory.events grew by 1, to 1", "oom_kill of memory.events grew by 1, to 2"} {
		silent(t, a, 50*time.Millisecond)
		start(t, g, "alloc 100")
		rings(t, a, want)
	}
}

// TestVMOOMBeforeAlarm: of a new group all kills are told, of one that is taken
// over only those after that.
func TestVMOOMBeforeAlarm(t *testing.T) {
	const small = `{"memory":{"limit":33554432,"swap":33554432}}`
	f := vm(t)
	g := made(t, f, testPath(t), small)
	start(t, g, "alloc 100").signal()
	a, err := g.EventsAlarm("memory.events", "oom_kill")
	rings(t, alarmed(t, a, err), "oom_kill of memory.events grew by 1, to 1")
	g = made(t, f, testPath(t), small)
	start(t, g, "alloc 100").signal()
	a, err = g.EventsAlarm("memory.events", "oom_kill")
	rings(t, alarmed(t, a, err), "oom_kill of memory.events grew by 1, to 2")
}

func TestVMPidsAlarm(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{"pids":{"limit":20}}`)
	a, err := g.EventsAlarm("pids.events", "max")
	a = alarmed(t, a, err)
	c := start(t, g, "fork")
	silent(t, a, 50*time.Millisecond)
	c.in.Write([]byte("\n"))
	rings(t, a, "max of pids.events grew by 1, to 1")
	c.in.Close()
	c.signal()
	ends(t, a)
}

// A process that needs more memory than memory.high is made to wait.
func TestVMMemoryPressureAlarm(t *testing.T) {
	g := made(t, vm(t), testPath(t), `{"unified":{"memory.high":"16777216"}}`)
	a, err := g.PressureAlarm(Trigger{"memory", true, 50 * time.Millisecond, 500 * time.Millisecond})
	a = alarmed(t, a, err)
	silent(t, a, 700*time.Millisecond)
	start(t, g, "alloc 40")
	rings(t, a, "all tasks waited for memory for 50ms of 500ms")
}
