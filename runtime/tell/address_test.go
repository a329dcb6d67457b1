package tell

import (
	"strings"
	"testing"
)

// FuzzParseWebhook: no address makes a request of other lines than ours.
func FuzzParseWebhook(f *testing.F) {
	for _, text := range []string{"http://a:b@[::1]:8080/x y?z#q", "unix:/run/s:/path", "unix:///run/s", "http://a%0d%0ab/", "https://a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := parseWebhook(text)
		if err != nil {
			return
		}
		head, _, _ := strings.Cut(string(w.request([]byte("{}"))), "\r\n\r\n")
		lines := strings.Split(head, "\r\n")
		want := 6
		if w.auth != "" {
			want++
		}
		if len(lines) != want || strings.Count(lines[0], " ") != 2 || strings.ContainsAny(strings.Join(lines, ""), "\r\n\x00") {
			t.Errorf("%q makes the request\n%q", text, lines)
		}
	})
}

// FuzzParseListen: what is listened on is a path that fits, or has a port.
func FuzzParseListen(f *testing.F) {
	for _, text := range []string{":9100", "[::1]:9", "unix:/run/s", "unix://x", "a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		network, address, err := parseListen(text)
		switch {
		case err != nil:
		case network == "unix" && (address[0] != '/' || len(address) > maxSocketPath):
			t.Errorf("%q is the socket %q", text, address)
		case network == "tcp" && !strings.Contains(address, ":"):
			t.Errorf("%q is the address %q", text, address)
		}
	})
}
