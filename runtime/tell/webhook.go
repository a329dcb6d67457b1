package tell

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// webhook is where events are posted to.
type webhook struct {
	network, address string // for net.Dialer
	host, path, auth string // Host, request target, value of Authorization

	attempt time.Duration // how long one may take
	first   time.Duration // the wait after the first attempt; it doubles
	longest time.Duration // up to this
	giveUp  time.Duration // no attempt after so long; each event gets one
}

// parseWebhook reads http://[USER:PASSWORD@]HOST[:PORT][/PATH], or
// unix:/SOCKET[:/PATH].
func parseWebhook(text string) (*webhook, error) {
	w := &webhook{
		host: "localhost", path: "/",
		attempt: 5 * time.Second, first: 250 * time.Millisecond, longest: 15 * time.Second, giveUp: 5 * time.Minute,
	}
	if rest, ok := strings.CutPrefix(text, "unix:"); ok {
		socket, path, _ := strings.Cut(strings.TrimPrefix(rest, "//"), ":/")
		w.network, w.address, w.path = "unix", socket, "/"+path
		return w, checkSocket(socket, path)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.Unwrap(err) // the URL is named by the caller
	}
	if u.Scheme == "https" {
		return nil, errNoTLS
	}
	if u.Scheme != "http" || u.Hostname() == "" {
		return nil, errors.New("want http://HOST[:PORT]/PATH or unix:/SOCKET[:/PATH]")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	w.network, w.address, w.host = "tcp", net.JoinHostPort(u.Hostname(), port), u.Host
	w.path = u.RequestURI()
	if u.User != nil {
		password, _ := u.User.Password()
		w.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return w, nil
}

var errNoTLS = errors.New("mini has no TLS; --on-event 'curl --silent --fail --json @- https://…' posts the same")

// checkSocket refuses paths that would break a request or fit no sockaddr_un.
func checkSocket(socket, path string) error {
	switch {
	case !strings.HasPrefix(socket, "/"):
		return fmt.Errorf("unix:%s: the path of the socket must begin with /", socket)
	case len(socket) > maxSocketPath:
		return fmt.Errorf("unix:%s: the path of the socket is longer than %d bytes (unix(7))", socket, maxSocketPath)
	case strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return fmt.Errorf("unix:%s:/%s: the path of the request must be of printable ASCII characters", socket, path)
	}
	return nil
}

const maxSocketPath = 107

// deliver posts an event again and again until it is taken, refused for good, or
// too old. pause waits between two attempts, trouble is told why one failed.
func (w *webhook) deliver(ctx context.Context, i item, pause func(context.Context, time.Duration) bool, trouble func(error)) error {
	for wait := w.first; ; wait = min(2*wait, w.longest) {
		again, err := w.post(ctx, i.line)
		if err == nil || !again || time.Since(i.since) > w.giveUp {
			return err
		}
		trouble(err)
		if !pause(ctx, wait) {
			return err
		}
	}
}

// post makes one attempt, and says whether another may do better.
func (w *webhook) post(ctx context.Context, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.attempt)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, w.network, w.address)
	if err != nil {
		return true, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_, sent := conn.Write(w.request(body))
	status, err := readStatus(conn)
	if err != nil && ctx.Err() != nil {
		return true, fmt.Errorf("no answer from %s within %s", w.address, w.attempt)
	}
	if err != nil {
		return true, errors.Join(sent, err)
	}
	return judge(status)
}

// judge says what a status means: 2xx is taken; what the server's state is to
// blame for may change, what the request is to blame for does not.
func judge(status int) (again bool, err error) {
	switch {
	case status >= 200 && status < 300:
		return false, nil
	case status >= 500, status == 408, status == 425, status == 429: // RFC 9110 15.5.9, RFC 8470, RFC 6585
		return true, fmt.Errorf("answered with status %d", status)
	}
	return false, fmt.Errorf("refused the event with status %d", status)
}
