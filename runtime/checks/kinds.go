package checks

import "time"

// Exec runs a program inside the container; status 0 is success.
type Exec struct {
	Args []string `json:"args,omitempty"`
	// Shell is a line for /bin/sh. Complete makes Args of it and empties it.
	Shell   string   `json:"shell,omitempty"`
	Env     []string `json:"env,omitempty"`     // NAME=VALUE, besides the service's own
	User    string   `json:"user,omitempty"`    // as of --user; "" is the service's
	Workdir string   `json:"workdir,omitempty"` // absolute; "" is the service's
}

// HTTP asks for a page.
type HTTP struct {
	URL      string            `json:"url"`               // http:// and an address, not a name (but localhost)
	Method   string            `json:"method,omitempty"`  // "" becomes GET
	Headers  map[string]string `json:"headers,omitempty"` // besides Host, which may be among them
	Statuses Statuses          `json:"statuses,omitempty"`
	Match    string            `json:"match,omitempty"` // the body contains it
}

// TCP connects, and may say something and wait for an answer.
type TCP struct {
	Address string `json:"address"`          // ADDRESS:PORT, as HTTP's
	Send    string `json:"send,omitempty"`   // sent first
	Expect  string `json:"expect,omitempty"` // the answer contains it
}

// Unix is TCP's like over a stream socket.
type Unix struct {
	Path   string `json:"path"` // absolute, inside the container; or @NAME, an abstract one of its network namespace
	Send   string `json:"send,omitempty"`
	Expect string `json:"expect,omitempty"`
}

// GRPC asks grpc.health.v1.Health/Check; SERVING is success.
type GRPC struct {
	Address string `json:"address"`           // as TCP's
	Service string `json:"service,omitempty"` // "" is the server as a whole
}

// Notify waits for what the service says itself by sd_notify(3): READY=1 and
// WATCHDOG=1 are successes, WATCHDOG=trigger is a failure.
type Notify struct {
	// Watchdog is how long there may be no success before that is a failure; 0
	// means for ever. A startup check's is 90 s, unless it is given.
	Watchdog Duration `json:"watchdog,omitzero" least:"1ms"`
}

// Pressure fails when tasks of the container's cgroup have stood still for
// Stall of a Window (Documentation/accounting/psi.rst, "Monitoring for pressure
// thresholds"). After Calm without that it is a success again.
type Pressure struct {
	Resource string   `json:"resource"`                      // cpu, memory or io
	Kind     string   `json:"kind,omitempty"`                // some (the default) or full
	Stall    Duration `json:"stall" least:"1us"`             // at most Window
	Window   Duration `json:"window,omitzero" least:"500ms"` // 2 s by default, at most 10 s; an ordinary user's in steps of 2 s
	Calm     Duration `json:"calm,omitzero" least:"1ms"`     // 10 s by default
}

// Events fails when a counter of the container's cgroup has grown. After Calm
// without that it is a success again.
type Events struct {
	File string   `json:"file"`                      // memory.events or pids.events
	Key  string   `json:"key,omitempty"`             // "" becomes oom_kill, or max for pids
	Calm Duration `json:"calm,omitzero" least:"1ms"` // 10 s by default
}

// The names of the kinds, as in a health file.
const (
	KindExec     = "exec"
	KindHTTP     = "http"
	KindTCP      = "tcp"
	KindUnix     = "unix"
	KindGRPC     = "grpc"
	KindNotify   = "notify"
	KindPressure = "pressure"
	KindEvents   = "events"
)

var allKinds = []string{KindExec, KindHTTP, KindTCP, KindUnix, KindGRPC, KindNotify, KindPressure, KindEvents}

// kinds lists those that are set.
func (c Check) kinds() (list []string) {
	for i, set := range []bool{
		c.Exec != nil, c.HTTP != nil, c.TCP != nil, c.Unix != nil,
		c.GRPC != nil, c.Notify != nil, c.Pressure != nil, c.Events != nil,
	} {
		if set {
			list = append(list, allKinds[i])
		}
	}
	return list
}

// Kind is one of the Kind constants, "" for a check that asks nothing.
func (c Check) Kind() string {
	if list := c.kinds(); len(list) > 0 {
		return list[0]
	}
	return ""
}

// Push says that nobody asks: the verdict comes by itself. Such a check has
// neither interval nor timeout.
func (c Check) Push() bool { return c.Notify != nil || c.Quiet() }

// Quiet says that only failures come, and silence means that all is well again.
func (c Check) Quiet() bool { return c.Pressure != nil || c.Events != nil }

// Every is the time that moves the check on: the interval between two probes, the
// longest silence of notify (0 is for ever), the calm after which a quiet check
// is well again.
func (c Check) Every() time.Duration {
	switch {
	case c.Notify != nil:
		return time.Duration(c.Notify.Watchdog)
	case c.Pressure != nil:
		return time.Duration(c.Pressure.Calm)
	case c.Events != nil:
		return time.Duration(c.Events.Calm)
	}
	return time.Duration(c.Interval)
}
