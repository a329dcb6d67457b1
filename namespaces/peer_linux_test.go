package namespaces

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// serve answers each connection with a word and its end.
func serve(l net.Listener, word string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		io.WriteString(c, word)
		c.Close()
	}
}

// inNewNet calls f on a thread in a network namespace of its own, with lo up,
// and returns that namespace.
func inNewNet(t testing.TB, f func() error) *os.File {
	t.Helper()
	needRoot(t)
	var ns *os.File
	err := onLostThread(func() (err error) {
		if err := errors.Join(unix.Unshare(unix.CLONE_NEWNET), linkUp("lo")); err != nil {
			return err
		}
		if ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		return f()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	return ns
}

// onLostThread calls f on a thread that ends after it; so not on the main one,
// which cannot end and is whom /proc/self tells of.
func onLostThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() {
			result <- onLostThread(f)
			runtime.UnlockOSThread()
			return
		}
		result <- f()
	}()
	return <-result
}

// peerIn is where a listener of this process is that was made in another network
// namespace.
func peerIn(t testing.TB, netns *os.File) *Peer {
	t.Helper()
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		t.Fatal(err)
	}
	pidfd := os.NewFile(uintptr(fd), "pidfd")
	t.Cleanup(func() { pidfd.Close() })
	p := &Peer{pid: os.Getpid(), pidfd: pidfd, net: netns}
	t.Cleanup(func() {
		p.net = nil // the caller's
		p.Close()
	})
	return p
}

func listen(t testing.TB, network, address string) (l net.Listener, netns *os.File) {
	t.Helper()
	netns = inNewNet(t, func() (err error) { l, err = net.Listen(network, address); return err })
	t.Cleanup(func() { l.Close() })
	return l, netns
}

func said(t *testing.T, f *os.File, err error) string {
	t.Helper()
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestDialInNetwork reaches what listens in another network namespace, at an
// address where nothing listens here.
func TestDialInNetwork(t *testing.T) {
	for _, c := range []struct{ network, address string }{
		{"tcp", "127.0.0.1:0"}, {"tcp", "[::1]:0"}, {"unix", "@mini-test"},
	} {
		l, netns := listen(t, c.network, c.address)
		address := l.Addr().String()
		go serve(l, "inside")
		f, err := peerIn(t, netns).Dial(context.Background(), c.network, address)
		if got := said(t, f, err); got != "inside" {
			t.Errorf("%s: %s", address, got)
		}
		f, err = peerIn(t, nil).Dial(context.Background(), c.network, address)
		if got := said(t, f, err); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("%s from outside: %s", address, got)
		}
	}
}

func TestSocketErrors(t *testing.T) {
	netns := inNewNet(t, func() error { return nil })
	if _, err := peerIn(t, netns).socket(9999); !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("a domain that is none: %v", err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, err := peerIn(t, null).socket(unix.AF_INET); !errors.Is(err, unix.EINVAL) {
		t.Errorf("not a namespace: %v", err)
	}
}

// silent is an address in a network namespace that swallows what is sent to it:
// a route to a device without a cable.
func silent(t *testing.T) *Peer {
	return peerIn(t, inNewNet(t, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		// A listener with a full queue: further SYNs are dropped. One connection fills
		// it, once it is there.
		to := &unix.SockaddrInet4{Port: 7, Addr: [4]byte{127, 0, 0, 1}}
		if err := errors.Join(unix.Bind(fd, to), unix.Listen(fd, 0)); err != nil {
			return err
		}
		keep, err := unix.Dup(fd)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(keep) })
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(c) })
		if err := unix.Connect(c, to); err != nil && err != unix.EINPROGRESS {
			return err
		}
		return readable(fd)
	}))
}

// BenchmarkDial is what a tcp probe costs: us, and the handshake.
func BenchmarkDial(b *testing.B) {
	l, netns := listen(b, "tcp", "127.0.0.1:0")
	go serve(l, "")
	p := peerIn(b, netns)
	b.ReportAllocs()
	for b.Loop() {
		f, err := p.Dial(context.Background(), "tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// BenchmarkSocket compares the two ways to make a socket in a network namespace.
func BenchmarkSocket(b *testing.B) {
	needRoot(b)
	child, stdin, stdout := newChild(b, "report")
	f, err := Probe()
	if err != nil {
		b.Fatal(err)
	}
	steps, err := Plan(Config{Namespaces: list("user network"), UIDMappings: someIDs, GIDMappings: someIDs}, f, child)
	if err != nil {
		b.Fatal(err)
	}
	s := start(b, child, stdin, stdout, steps.Spawn)
	netns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", s.child.Pid))
	if err != nil {
		b.Fatal(err)
	}
	defer netns.Close()
	for name, make := range map[string]func() ([]int, error){
		"thread1": func() ([]int, error) { return socketsByThread(netns, unix.AF_INET, 1) },
		"thread8": func() ([]int, error) { return socketsByThread(netns, unix.AF_INET, 8) },
		"lent1":   func() ([]int, error) { return lendSockets(netns, unix.AF_INET, 1) },
		"lent8":   func() ([]int, error) { return lendSockets(netns, unix.AF_INET, 8) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fds, err := make()
				if err != nil {
					b.Fatal(err)
				}
				closeAll(fds)
			}
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	p := silent(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if f, err := p.Dial(ctx, "tcp", "127.0.0.1:7"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline: %v, %v", f, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if f, err := p.Dial(ctx, "tcp", "127.0.0.1:7"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, %v", f, err)
	}
	if f, err := p.Dial(ctx, "tcp", "127.0.0.1:7"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v, %v", f, err)
	}
}

// TestDialNotItself is about a port where nobody listens and which is the only one
// that the kernel can give to our end.
func TestDialNotItself(t *testing.T) {
	netns := inNewNet(t, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("40000 40000"), 0)
	})
	for _, address := range []string{"127.0.0.1:40000", "[::1]:40000"} {
		if f, err := peerIn(t, netns).Dial(context.Background(), "tcp", address); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("%s: %v, %v", address, f, err)
		}
	}
}

// TestDialDeadline reads from a service that never answers.
func TestDialDeadline(t *testing.T) {
	l, netns := listen(t, "tcp", "127.0.0.1:0")
	f, err := peerIn(t, netns).Dial(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.SetDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := f.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
}

func TestDialRefuses(t *testing.T) {
	p := peerIn(t, nil)
	for _, c := range []struct{ network, address, want string }{
		{"udp", "127.0.0.1:1", "neither tcp nor unix"},
		{"tcp", "localhost:1", "ParseAddr"},
		{"tcp", "[fe80::1%lo]:1", "with a zone"},
		{"unix", "/no/such", "no such file"},
		{"unix", "/proc/self/root/x", "too many levels"}, // a magic link
	} {
		if f, err := p.Dial(context.Background(), c.network, c.address); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, %v", c.network, c.address, f, err)
		}
	}
}

// TestPeerOfProcess asks a process with a root, a network and users of its own.
func TestPeerOfProcess(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	child, stdin, stdout := newChild(t, "serve", dir)
	f, err := Probe()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Plan(Config{Namespaces: list("mount network")}, f, child)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, child, stdin, stdout, steps.Spawn)
	defer s.stop(t)
	p, err := OpenPeer(child.Pid, child.Pidfd)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, address := range strings.Fields(s.Text) {
		network, address, _ := strings.Cut(address, "=")
		f, err := p.Dial(context.Background(), network, address)
		if got := said(t, f, err); got != "served" {
			t.Errorf("%s %s: %s", network, address, got)
		}
	}
	// Its root is dir: neither the absolute link nor .. leaves it.
	for path, want := range map[string]error{"/way/../../sock": nil, "/link": nil, "/out": unix.ENOENT} {
		f, err := p.Dial(context.Background(), "unix", path)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
		if err == nil {
			f.Close()
		}
	}
}

// helpServe listens in a network namespace of its own, with dir as its root, and
// reports at which addresses.
func helpServe(args []string) error {
	dir := args[0]
	if err := linkUp("lo"); err != nil {
		return err
	}
	links := errors.Join(os.Mkdir(dir+"/way", 0o755), os.Symlink("/sock", dir+"/link"), os.Symlink(dir+"/sock", dir+"/out"))
	if err := errors.Join(links, unix.Chdir(dir)); err != nil {
		return err
	}
	var text strings.Builder
	for _, a := range []struct{ network, address string }{{"tcp", "127.0.0.1:0"}, {"tcp", "[::1]:0"}, {"unix", "@served"}, {"unix", "sock"}} {
		l, err := net.Listen(a.network, a.address)
		if err != nil {
			return err
		}
		go serve(l, "served")
		fmt.Fprintf(&text, "%s=%s ", a.network, strings.Replace(l.Addr().String(), "sock", "/sock", 1))
	}
	if len(args) > 1 { // nobody else may enter
		if err := os.Chmod(dir, 0); err != nil {
			return err
		}
		return answer(strings.Replace(text.String(), "/sock", dir+"/sock", 1))
	}
	// answer looks at /proc, so it is told first.
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return answer(text.String())
}

// TestRootless is a supervisor that is an ordinary user: it may not enter what
// belongs to a user namespace of its own with its own threads.
func TestRootless(t *testing.T) {
	needRoot(t)
	dir, err := os.MkdirTemp("/tmp", "mini-rootless-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	cmd, out, end := asNobodyHelper(t, "rootless", dir)
	defer end.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "ok ") {
			t.Error(lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// helpRootless runs a service in namespaces of its own and asks it.
func helpRootless(dir string) error {
	s, err := rootlessChild(dir)
	if err != nil {
		return err
	}
	defer s.child.Abort()
	p, err := OpenPeer(s.child.Pid, s.child.Pidfd)
	if err != nil {
		return err
	}
	if _, err := socketsByThread(p.net, unix.AF_INET, 1); !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("setns by a thread: %w", err)
	}
	for _, word := range strings.Fields(s.Text) {
		network, address, _ := strings.Cut(word, "=")
		f, err := p.Dial(context.Background(), network, address)
		if err != nil {
			fmt.Println(network, address, err)
			continue
		}
		text, err := io.ReadAll(f)
		f.Close()
		if string(text) != "served" || err != nil {
			fmt.Println(network, address, string(text), err)
		} else {
			fmt.Println("ok", word)
		}
	}
	if _, err := p.Dial(context.Background(), "unix", dir+"/none"); !errors.Is(err, unix.ENOENT) {
		fmt.Println("no such socket:", err)
	}
	_, address, _ := strings.Cut(strings.Fields(s.Text)[0], "=")
	return rootlessRepeated(p, address)
}

// rootlessRepeated needs more sockets than a child makes at a time, and leaves
// none.
func rootlessRepeated(p *Peer, address string) error {
	before := len(openFiles())
	for range 3 * spareSockets {
		f, err := p.Dial(context.Background(), "tcp", address)
		if err != nil {
			return err
		}
		f.Close()
	}
	if err := p.Close(); err != nil {
		return err
	}
	if after := len(openFiles()); after > before {
		return fmt.Errorf("%d descriptors before, %d after", before, after)
	}
	return nil
}

func rootlessChild(dir string) (*started, error) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	child := &Child{Exe: exe, Args: []string{helperName, "serve", dir, "closed"}, Env: os.Environ(), Files: []*os.File{os.Stdin, outW, os.Stderr}}
	f, err := Probe()
	if err != nil {
		return nil, err
	}
	own := []specs.LinuxIDMapping{mapping(0, 65534, 1)}
	if err := spawn(Config{Namespaces: list("user mount network"), UIDMappings: own, GIDMappings: own}, f, child); err != nil {
		return nil, err
	}
	s := &started{child: child}
	outW.Close()
	return s, json.NewDecoder(outR).Decode(&s.report)
}
