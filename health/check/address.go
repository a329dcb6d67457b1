package check

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// addresses returns where host is, as a Dialer wants it. Names are not looked
// up: the container's resolver is not ours, and the probe would be of that.
func addresses(host, port string) ([]string, error) {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("port %q is not 1 to 65535", port)
	}
	if host == "localhost" {
		return []string{"127.0.0.1:" + port, "[::1]:" + port}, nil
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return nil, fmt.Errorf("host %q is not an address, and names are not looked up: use such as 127.0.0.1 or localhost", host)
	case ip.Zone() != "":
		return nil, fmt.Errorf("address %s has a zone: the container's links are not known here", host)
	case ip.Is4():
		return []string{host + ":" + port}, nil
	}
	return []string{"[" + host + "]:" + port}, nil
}

// splitAddress takes "127.0.0.1:80" or "[::1]:80" apart.
func splitAddress(address string) ([]string, error) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return nil, fmt.Errorf("address %q has no port", address)
	}
	host := address[:i]
	inner, open := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if open != closed || open != strings.Contains(host, ":") {
		return nil, fmt.Errorf("address %q is not of the form 127.0.0.1:80 or [::1]:80", address)
	}
	return addresses(inner, address[i+1:])
}

// parseURL holds a URL to what can be asked here.
func parseURL(text string) (*url.URL, []string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, nil, err
	case u.Scheme == "https":
		return nil, nil, fmt.Errorf("URL %s: TLS is not spoken here; ask from inside by an exec check, with curl", u.Redacted())
	case u.Scheme != "http" || u.Opaque != "":
		return nil, nil, fmt.Errorf("URL %s: is not of the form http://127.0.0.1:8080/path", u.Redacted())
	case u.User != nil:
		return nil, nil, fmt.Errorf("URL %s: has a user in it; use the header Authorization", u.Redacted())
	case strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, nil, fmt.Errorf("URL %s: has a space in its query", u.Redacted())
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	list, err := addresses(u.Hostname(), port)
	if err != nil {
		return nil, nil, fmt.Errorf("URL %s: %w", u.Redacted(), err)
	}
	return u, list, nil
}
