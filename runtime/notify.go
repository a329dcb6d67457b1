package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/runtime/notify"
)

// Notify gives the program a socket of its supervisor's, to say by itself how
// it is (sd_notify(3)).
type Notify struct {
	Manager  string        // the NOTIFY_SOCKET that is told, of a container that nobody supervises
	Watchdog time.Duration // how often it is to say so (sd_watchdog_enabled(3)); 0: as it likes
}

// notifyInside is the directory in the container where the socket is.
const notifyInside = "/run/notify"

const notifyFile = "notify.sock"

// listenNotify makes the socket. Its directory is mounted in the container, and
// has nothing else.
type listenNotify struct {
	note
	path     string
	listener *notify.Listener
}

func (o *listenNotify) String() string { return "listen on " + o.path }
func (o *listenNotify) Shell() string  { return "" }

func (o *listenNotify) Do() (err error) {
	dir := filepath.Dir(o.path)
	if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // whatever our umask is
		return err
	}
	if o.listener, err = notify.Listen(o.path); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// hearing adds the socket, if the program shall have one.
func (p *Plan) hearing() error {
	if p.config.Notify == nil {
		return nil
	}
	p.notify = &listenNotify{
		note: note{why: "The program says on this socket how it is (sd_notify(3))"},
		path: filepath.Join(p.dir.Path, "notify", notifyFile),
	}
	p.add(Prepare, p.notify)
	return nil
}

// mounts are those of the configuration, and the one of the socket.
func (p *Plan) mounts() []specs.Mount {
	if p.notify == nil {
		return p.config.Spec.Mounts
	}
	return append(slices.Clone(p.config.Spec.Mounts), specs.Mount{
		Destination: notifyInside, Type: "bind", Source: filepath.Dir(p.notify.path),
		Options: []string{"bind", "nosuid", "noexec", "nodev", "ro"},
	})
}

// env tells the program where the socket is. WATCHDOG_PID is left out: whoever
// in the container speaks is heard.
func (n *Notify) env() []string {
	if n == nil {
		return nil
	}
	list := []string{"NOTIFY_SOCKET=" + notifyInside + "/" + notifyFile}
	if n.Watchdog > 0 {
		list = append(list, "WATCHDOG_USEC="+strconv.FormatInt(n.Watchdog.Microseconds(), 10))
	}
	return list
}
