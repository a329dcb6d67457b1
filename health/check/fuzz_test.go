package check

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzResponse holds that an answer of HTTP is bounded and is the same however
// its bytes arrive.
func FuzzResponse(f *testing.F) {
	for _, text := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\n\r\n",
		"HTTP/1.1 100\n\nHTTP/1.0 500 x\n\nbody",
	} {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, head bool) {
		a, err := readResponse(newFeed(strings.NewReader(text), maxHead), head)
		if len(a.body) > maxBody || err == nil && (a.status < 100 || a.status > 999) || err == errFull {
			t.Errorf("status %d, %d bytes of body, %v", a.status, len(a.body), err)
		}
		b, err2 := readResponse(newFeed(iotest.OneByteReader(strings.NewReader(text)), maxHead), head)
		if len(text) < maxHead && (a.status != b.status || string(a.body) != string(b.body) || (err == nil) != (err2 == nil)) {
			t.Errorf("in one: %+v, %v\nby bytes: %+v, %v", a, err, b, err2)
		}
	})
}

// FuzzH2 holds the same of HTTP/2.
func FuzzH2(f *testing.F) {
	f.Add(fr(frameSettings, 0, 0, "") + fr(frameHeaders, flagEndHeaders, 1, "\x88") + fr(frameData, 0, 1, "\x00\x00\x00\x00\x02\x08\x01") +
		fr(frameHeaders, flagEndHeaders|flagEndStream, 1, "\x00\x0bgrpc-status\x010"))
	f.Add(fr(frameSettings, 0, 0, "") + fr(framePing, 0, 0, "12345678") + fr(frameGoAway, 0, 0, ""))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readH2(newFeed(strings.NewReader(text), maxHead+maxBody), io.Discard)
		if len(a.body) > maxHead+maxBody {
			t.Errorf("%d bytes of body", len(a.body))
		}
		if err == nil {
			_ = a.verdict()
		}
		b, err2 := readH2(newFeed(iotest.OneByteReader(strings.NewReader(text)), maxHead+maxBody), io.Discard)
		if a.status != b.status || string(a.body) != string(b.body) || (err == nil) != (err2 == nil) {
			t.Errorf("in one: %+v, %v\nby bytes: %+v, %v", a, err, b, err2)
		}
	})
}

// FuzzHealthResponse holds that protobuf of any kind comes to an end.
func FuzzHealthResponse(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x02\x08\x01"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, err := healthResponse(body); err != nil && n != 0 {
			t.Errorf("%d and %v", n, err)
		}
	})
}

// FuzzAddress holds that what is dialled has an address and a port.
func FuzzAddress(f *testing.F) {
	for _, text := range []string{"127.0.0.1:80", "[::1]:80", "localhost:1", "http://127.0.0.1/x", "http://[::1]:8080/a?b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := splitAddress(text)
		if _, more, err2 := parseURL(text); err2 == nil {
			list, err = more, nil
		}
		for _, address := range list {
			if err == nil && !dialable(address) {
				t.Errorf("%q: dials %q", text, address)
			}
		}
	})
}

func dialable(address string) bool {
	a, err := netip.ParseAddrPort(address)
	return err == nil && a.Port() != 0 && a.Addr().Zone() == ""
}
