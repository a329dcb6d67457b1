package checks

import (
	"net/url"
	"strings"
)

// FromURL makes a check of a URL, at the times that docker's flags give; its Test
// does not matter. There are
//
//	http://127.0.0.1:8080/healthz    tcp://127.0.0.1:6379
//	unix:///run/service.sock         unix://@abstract
//	grpc://127.0.0.1:50051[/SERVICE]
//	notify                           the service itself tells; see told
//
// Errors point to Interval and so on if it is those.
func FromURL(text string, d Docker) (*Spec, error) {
	s, err := d.of(text)
	return s, blame("", err)
}

func (d Docker) of(text string) (*Spec, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	path := strings.TrimPrefix(rest, "//")
	switch scheme {
	case "http", "https": // Complete says why not the second
		return d.timed(Check{HTTP: &HTTP{URL: text}})
	case "unix":
		return d.timed(Check{Unix: &Unix{Path: path}})
	case "tcp", "grpc":
		return d.connected(text)
	case "notify":
		if path == "" {
			return d.told()
		}
	}
	return nil, fail("", "%s: none of http://…, tcp://…, unix://…, grpc://…, notify", shown(text))
}

// connected is for URLs with an address and not much else.
func (d Docker) connected(text string) (*Spec, error) {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery+u.Fragment != "" || u.User != nil || u.Scheme == "tcp" && u.Path != "" {
		return nil, fail("", "%s: not of the form tcp://127.0.0.1:80 or grpc://127.0.0.1:80/SERVICE", shown(text))
	}
	if u.Scheme == "tcp" {
		return d.timed(Check{TCP: &TCP{Address: u.Host}})
	}
	return d.timed(Check{GRPC: &GRPC{Address: u.Host, Service: strings.TrimPrefix(u.Path, "/")}})
}

// told makes the checks of a service that reports by itself: that it has started,
// within the start period if there is one, and, if there is an interval, that it
// says so at least that often.
func (d Docker) told() (*Spec, error) {
	if d.Timeout != 0 {
		return nil, fail("/Timeout", "has no meaning for notify, which nobody asks")
	}
	if d.StartInterval != 0 {
		return nil, fail("/StartInterval", "has no meaning for notify, which nobody asks")
	}
	given := d
	if err := d.complete(); err != nil {
		return nil, err
	}
	start := Check{Name: "notify-start", Role: Startup, Notify: &Notify{Watchdog: Duration(d.StartPeriod)}}
	live := Check{Name: "notify", Notify: &Notify{Watchdog: Duration(given.Interval)}, Failures: given.Retries}
	s := &Spec{Checks: []Check{start, live}}
	return s, s.Complete()
}
