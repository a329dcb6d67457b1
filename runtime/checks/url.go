package checks

import (
	"fmt"
	"net/url"
	"strings"
)

// FromURL makes a check of a URL, at the times that docker's flags give; its Test
// does not matter. There are
//
//	http://127.0.0.1:8080/healthz    tcp://127.0.0.1:6379
//	unix:///run/service.sock         grpc://127.0.0.1:50051[/SERVICE]
//	notify:                          the service itself tells; Interval is its watchdog
func FromURL(text string, d Docker) (*Spec, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "notify" {
		return d.told()
	}
	k := Check{}
	switch u.Scheme {
	case "http", "https": // Complete says why not the second
		k.HTTP = &HTTP{URL: text}
	case "tcp":
		k.TCP = &TCP{Address: u.Host}
	case "unix":
		k.Unix = &Unix{Path: strings.TrimPrefix(text, "unix://")}
	case "grpc":
		k.GRPC = &GRPC{Address: u.Host, Service: strings.TrimPrefix(u.Path, "/")}
	default:
		return nil, fmt.Errorf("%s: want a URL with http, tcp, unix, grpc or notify", shown(text))
	}
	return d.timed(k)
}

// told makes the two checks of a service that reports by itself: that it has
// started, and from then on its watchdog, if an interval was given.
func (d Docker) told() (*Spec, error) {
	s := &Spec{Checks: []Check{{Name: "notify-start", Role: Startup, Notify: &Notify{}}}}
	if d.Interval > 0 {
		s.Checks = append(s.Checks, Check{Name: "notify", Role: Liveness, Notify: &Notify{Watchdog: Duration(d.Interval)}})
	}
	return s, s.Complete()
}
