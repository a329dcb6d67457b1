package check

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/namespaces"
)

// Where the service inside listens: nothing does outside.
const (
	insideHTTP = "127.0.0.1:18080"
	insideTCP  = "[::1]:16379"
	insideGRPC = "127.0.0.1:15051"
	insideName = "@mini-check-test"
)

// serveAll is a service in a network namespace of its own, until stdin ends.
func serveAll(dir string) error {
	if err := loUp(); err != nil {
		return err
	}
	pong := func(c net.Conn) {
		defer c.Close()
		readSome(c)
		io.WriteString(c, "+PONG\r\n")
	}
	for _, s := range []struct {
		network, address string
		serve            func(net.Listener)
	}{
		{"tcp", insideHTTP, func(l net.Listener) { http.Serve(l, http.HandlerFunc(hello)) }},
		{"tcp", insideGRPC, func(l net.Listener) { h2c(healthServer("", 1)).Serve(l) }},
		{"tcp", insideTCP, func(l net.Listener) { each(l, pong) }},
		{"unix", insideName, func(l net.Listener) { each(l, pong) }},
		{"unix", filepath.Join(dir, "sock"), func(l net.Listener) { each(l, pong) }},
	} {
		l, err := net.Listen(s.network, s.address)
		if err != nil {
			return err
		}
		go s.serve(l)
	}
	fmt.Println("up")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func hello(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello\n") }

func each(l net.Listener, handle func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go handle(c)
	}
}

func loUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// inside starts the service and returns a Dialer to it.
func inside(t testing.TB) (there Dialer, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("not root, and CI must be")
		}
		t.Skip("needs root: makes a network namespace")
	}
	dir = t.TempDir()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env, cmd.Stderr = append(os.Environ(), serveEnv+"="+dir), os.Stderr
	pidfd := -1
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, PidFD: &pidfd}
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(pidfd), "pidfd")
	t.Cleanup(func() { in.Close(); cmd.Wait(); file.Close() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "up\n" {
		t.Fatal("the service does not come up:", line, err)
	}
	p, err := namespaces.OpenPeer(cmd.Process.Pid, file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return func(ctx context.Context, network, address string) (Conn, error) {
		c, err := p.Dial(ctx, network, address)
		if err != nil {
			return nil, err // not a Conn of nil
		}
		return c, nil
	}, dir
}

// insiders are a probe of each kind.
func insiders(dir string) map[string]func(context.Context, Dialer) health.Result {
	return map[string]func(context.Context, Dialer) health.Result{
		"http":     HTTP{URL: "http://" + insideHTTP + "/", Match: "hello"}.Probe,
		"tcp":      TCP{Address: insideTCP}.Probe,
		"redis":    TCP{Address: insideTCP, Send: "PING\r\n", Expect: "+PONG"}.Probe,
		"unix":     Unix{Path: filepath.Join(dir, "sock"), Send: "PING\r\n", Expect: "+PONG"}.Probe,
		"abstract": Unix{Path: insideName, Send: "PING\r\n", Expect: "+PONG"}.Probe,
		"grpc":     GRPC{Address: insideGRPC}.Probe,
	}
}

// TestInsideNetwork asks a service which only its own network namespace has.
func TestInsideNetwork(t *testing.T) {
	there, dir := inside(t)
	for name, probe := range insiders(dir) {
		if r := probe(within(t, soon), there); r.Kind != health.Success {
			t.Errorf("%s: %s: %s", name, r.Kind, r.Output)
		}
		if r := probe(within(t, soon), dial); name != "unix" && r.Kind != health.Failure {
			t.Errorf("%s from outside: %s: %s", name, r.Kind, r.Output)
		}
	}
	r := HTTP{URL: "http://localhost:16379/"}.Probe(within(t, soon), there) // only ::1 listens
	want(t, r, health.Failure, `not HTTP: "+PONG"`)
}

// BenchmarkProbe is the cost of a probe for the supervisor: the service is
// another process.
func BenchmarkProbe(b *testing.B) {
	there, dir := inside(b)
	for name, probe := range insiders(dir) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before, n := cpu(), 0
			for b.Loop() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				if r := probe(ctx, there); r.Kind != health.Success {
					b.Fatal(r)
				}
				cancel()
				n++
			}
			b.ReportMetric(float64(cpu()-before)/float64(n), "cpu-ns/op")
		})
	}
}

// cpu is the time that this process has used, without its children.
func cpu() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
