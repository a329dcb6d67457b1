package check

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mini/health"
)

// HTTP asks for a page by HTTP/1.1. Redirections are not followed: one is an
// answer as good as any.
type HTTP struct {
	URL    string // http, with an IP address or localhost; port 80 if it has none
	Method string // "" is GET
	// Header are the fields of the request. They come in place of Host,
	// User-Agent, Accept and Connection, if they are among them.
	Header map[string]string
	// Accept says which statuses are a success; nil means 200 to 399.
	Accept func(status int) bool
	// Match has to be in the first 64 KiB of the body.
	Match string
}

// Probe asks once. The output of a result is the status and the body's
// beginning.
func (h HTTP) Probe(ctx context.Context, dial Dialer) health.Result {
	request, addresses, err := h.request()
	if err != nil {
		return result(health.Error, err.Error())
	}
	return probe(ctx, dial, "tcp", addresses, func(c Conn) (string, error) {
		if _, err := c.Write(request); err != nil {
			return "", err
		}
		return h.verdict(readResponse(newFeed(c, maxHead), h.Method == "HEAD"))
	})
}

// request composes the request, and says where it goes.
func (h HTTP) request() ([]byte, []string, error) {
	u, addresses, err := parseURL(h.URL)
	if err != nil {
		return nil, nil, err
	}
	method := h.Method
	if method == "" {
		method = "GET"
	}
	if strings.ContainsFunc(method, notToken) {
		return nil, nil, fmt.Errorf("method %q is none", method)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, u.RequestURI())
	for _, f := range [][2]string{{"Host", u.Host}, {"User-Agent", "mini"}, {"Accept", "*/*"}, {"Connection", "close"}} {
		if !h.has(f[0]) {
			writeField(&b, f[0], f[1])
		}
	}
	if method != "GET" && method != "HEAD" && !h.has("Content-Length") {
		writeField(&b, "Content-Length", "0")
	}
	for _, name := range slices.Sorted(maps.Keys(h.Header)) {
		if name == "" || strings.ContainsFunc(name, notToken) || strings.ContainsAny(h.Header[name], "\r\n\x00") {
			return nil, nil, fmt.Errorf("header %q: %q cannot be sent", name, h.Header[name])
		}
		writeField(&b, name, h.Header[name])
	}
	b.WriteString("\r\n")
	return b.Bytes(), addresses, nil
}

func writeField(b *bytes.Buffer, name, value string) {
	b.WriteString(name)
	b.WriteString(": ")
	b.WriteString(value)
	b.WriteString("\r\n")
}

func (h HTTP) has(name string) bool {
	for n := range h.Header {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// notToken says whether a character cannot be in a name (RFC 9110, 5.6.2).
func notToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
}

func (h HTTP) verdict(r response, err error) (string, error) {
	if r.status == 0 {
		return "", err
	}
	text := string(r.body[:min(len(r.body), health.MaxOutput)])
	switch accepted := h.accept(r.status); {
	case !accepted:
		return "", failuref("%s\n%s", r.line, text) // whatever became of the rest
	case err != nil:
		return "", failuref("%s, but after %d bytes of the body: %s", r.line, len(r.body), explain(err))
	case !bytes.Contains(r.body, []byte(h.Match)):
		return "", failuref("%s, but %q is not in the body\n%s", r.line, h.Match, text)
	}
	return r.line + "\n" + text, nil
}

func (h HTTP) accept(status int) bool {
	if h.Accept != nil {
		return h.Accept(status)
	}
	return status >= 200 && status <= 399
}
