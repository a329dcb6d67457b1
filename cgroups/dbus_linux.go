package cgroups

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// bus is a connection over which one thing is done: each call waits for its
// answer.
type bus struct {
	fd      int
	serial  uint32
	signals []busMessage // that came while we waited for something else
}

// busPatience is how long one answer may take. Systemd's own limit for a job
// that starts a scope is 90 s, but nothing of that takes long.
const busPatience = 30 // seconds

// busFault is an error that the other side has answered with.
type busFault struct{ Name, Text string }

func (e *busFault) Error() string { return e.Text + " (" + e.Name + ")" }

// Unwrap is the errno that means the same.
func (e *busFault) Unwrap() error {
	switch e.Name {
	case "org.freedesktop.systemd1.NoSuchUnit":
		return unix.ENOENT
	case "org.freedesktop.systemd1.UnitExists":
		return unix.EEXIST
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired":
		return unix.EACCES
	}
	return nil
}

// dialBus connects and authenticates by the user id that the kernel tells the
// other side (D-Bus specification, "Authentication Protocol", EXTERNAL).
func dialBus(path string, uid int) (*bus, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	b := &bus{fd: fd}
	for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &unix.Timeval{Sec: busPatience})
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		b.close()
		return nil, fmt.Errorf("connect to %s: %w", path, err)
	}
	if err := b.authenticate(uid); err != nil {
		b.close()
		return nil, fmt.Errorf("authenticate at %s: %w", path, err)
	}
	return b, nil
}

func (b *bus) close() { unix.Close(b.fd) }

func (b *bus) authenticate(uid int) error {
	id := hex.EncodeToString([]byte(strconv.Itoa(uid)))
	if err := b.write([]byte("\x00AUTH EXTERNAL " + id + "\r\n")); err != nil {
		return err
	}
	var line []byte
	for !strings.HasSuffix(string(line), "\r\n") && len(line) < 1024 {
		c, err := b.read(1)
		if err != nil {
			return err
		}
		line = append(line, c...)
	}
	if !strings.HasPrefix(string(line), "OK ") {
		return fmt.Errorf("%q: %w", strings.TrimSpace(string(line)), unix.EACCES)
	}
	return b.write([]byte("BEGIN\r\n"))
}

// call sends a method call and gives the body of the reply.
func (b *bus) call(m busMessage) (*decoder, error) {
	b.serial++
	m.kind, m.serial = busCall, b.serial
	if err := b.write(m.encode()); err != nil {
		return nil, err
	}
	for {
		answer, err := b.next()
		switch {
		case err != nil:
			return nil, err
		case answer.kind == busSignal:
			b.signals = append(b.signals, answer)
		case answer.reply != m.serial:
		case answer.kind == busError:
			d := &decoder{b: answer.body}
			return nil, &busFault{answer.name, d.string()}
		case answer.kind == busReply:
			return &decoder{b: answer.body}, nil
		}
	}
}

// signal waits for the next signal; those that came earlier come first.
func (b *bus) signal() (busMessage, error) {
	if len(b.signals) > 0 {
		m := b.signals[0]
		b.signals = b.signals[1:]
		return m, nil
	}
	for {
		if m, err := b.next(); err != nil || m.kind == busSignal {
			return m, err
		}
	}
}

func (b *bus) next() (busMessage, error) {
	head, err := b.read(busHeader)
	if err != nil {
		return busMessage{}, err
	}
	n, err := busLength(head)
	if err != nil {
		return busMessage{}, err
	}
	rest, err := b.read(n - busHeader)
	if err != nil {
		return busMessage{}, err
	}
	return decodeBus(append(head, rest...))
}

func (b *bus) read(n int) ([]byte, error) {
	buf := make([]byte, n)
	for got := 0; got < n; {
		more, err := unix.Read(b.fd, buf[got:])
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return nil, fmt.Errorf("no answer within %d s: %w", busPatience, unix.ETIMEDOUT)
		case err != nil:
			return nil, fmt.Errorf("read: %w", err)
		case more == 0:
			return nil, errors.New("the other side has closed the connection")
		default:
			got += more
		}
	}
	return buf, nil
}

func (b *bus) write(data []byte) error {
	for len(data) > 0 {
		n, err := unix.SendmsgN(b.fd, data, nil, nil, unix.MSG_NOSIGNAL)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("send: %w", err)
		}
		data = data[max(n, 0):]
	}
	return nil
}
