package check

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"mini/health"
)

// h2c is Go's server of HTTP/2 without TLS.
func h2c(h http.Handler) *http.Server {
	s := &http.Server{Handler: h, Protocols: new(http.Protocols)}
	s.Protocols.SetUnencryptedHTTP2(true)
	return s
}

// healthServer is a gRPC server that knows one service.
func healthServer(service string, serving int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		problem := ""
		switch {
		case r.URL.Path != "/grpc.health.v1.Health/Check" || r.Method != "POST":
			problem = "12:unknown method"
		case r.Header.Get("Content-Type") != "application/grpc" || r.Header.Get("Te") != "trailers" || err != nil:
			problem = "13:not gRPC"
		case string(body) != string(grpcMessage(healthRequest(service))):
			problem = "5:unknown service 100%25 sure"
		}
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
		code, message, _ := strings.Cut(problem, ":")
		if problem == "" {
			code = "0"
			m := []byte{}
			if serving != 0 {
				m = []byte{8, byte(serving)}
			}
			w.Write(grpcMessage(m))
		}
		w.Header().Set("Grpc-Status", code)
		w.Header().Set("Grpc-Message", message)
	})
}

func serveGRPC(t *testing.T, h http.Handler) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := h2c(h)
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

func TestGRPC(t *testing.T) {
	long := strings.Repeat("a.", 200)
	for _, c := range []struct {
		asked, known string
		serving      int
		kind         health.Kind
		text         string
	}{
		{"", "", 1, health.Success, "SERVING"},
		{"a.B", "a.B", 1, health.Success, "SERVING"},
		{long, long, 1, health.Success, "SERVING"},
		{"", "", 2, health.Failure, "NOT_SERVING"},
		{"", "", 0, health.Failure, "UNKNOWN"},
		{"", "", 3, health.Failure, "SERVICE_UNKNOWN"},
		{"", "", 9, health.Failure, "status 9"},
		{"a.B", "a.C", 1, health.Failure, "NOT_FOUND: unknown service 100% sure"},
		{strings.Repeat("a", maxHead), "", 1, health.Error, "too long"},
	} {
		t.Run(fmt.Sprintf("%.10s %d", c.asked, c.serving), func(t *testing.T) {
			g := GRPC{Address: serveGRPC(t, healthServer(c.known, c.serving)), Service: c.asked}
			want(t, g.Probe(within(t, soon), dial), c.kind, c.text)
		})
	}
}

// TestNotGRPC are servers of HTTP/2, and of something else.
func TestNotGRPC(t *testing.T) {
	plain := serveGRPC(t, http.NotFoundHandler())
	want(t, GRPC{Address: plain}.Probe(within(t, soon), dial), health.Failure, `HTTP status "404"`)
	empty := serveGRPC(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	want(t, GRPC{Address: empty}.Probe(within(t, soon), dial), health.Failure, "no status of gRPC")
	old := peer(t, says("HTTP/1.1 400 Bad Request\r\n\r\n"))
	want(t, GRPC{Address: old}.Probe(within(t, soon), dial), health.Failure, `not HTTP/2: "HTTP/1.1 "`)
	want(t, GRPC{Address: "x:1"}.Probe(within(t, soon), dial), health.Error, "not looked up")
}

// TestFrames are servers frame by frame, after their settings.
func TestFrames(t *testing.T) {
	const end, whole = flagEndStream, flagEndHeaders
	// :status 200, and a literal grpc-status 0.
	ok, zero := "\x88", "\x00\x0bgrpc-status\x010"
	message := string(grpcMessage([]byte{8, 1}))
	for _, c := range []struct {
		name   string
		frames []string
		kind   health.Kind
		text   string
	}{
		{"plain", []string{fr(frameHeaders, whole, 1, ok), fr(frameData, 0, 1, message), fr(frameHeaders, whole|end, 1, zero)}, health.Success, "SERVING"},
		{"asks back", []string{fr(framePing, 0, 0, "12345678"), fr(frameSettings, flagAck, 0, ""), fr(8, 0, 0, "\x00\x00\x01\x00"), fr(77, 0, 9, "?"),
			fr(frameHeaders, whole, 1, ok), fr(frameData, 0, 1, message), fr(frameHeaders, whole|end, 1, zero)}, health.Success, "SERVING"},
		{"in parts", []string{fr(frameHeaders, 0, 1, ""), fr(frameContinues, whole, 1, ok), fr(frameData, 0, 1, message[:3]), fr(frameData, 0, 1, message[3:]),
			fr(frameHeaders, end, 1, zero[:5]), fr(frameContinues, whole, 1, zero[5:])}, health.Success, "SERVING"},
		{"padded", []string{fr(frameHeaders, whole|flagPadded|flagPriority, 1, "\x02\x00\x00\x00\x00\x10"+ok+"zz"), fr(frameData, flagPadded, 1, "\x01"+message+"z"),
			fr(frameHeaders, whole|end, 1, zero)}, health.Success, "SERVING"},
		{"goes after us", []string{fr(frameGoAway, 0, 0, "\x00\x00\x00\x01\x00\x00\x00\x00"), fr(frameHeaders, whole, 1, ok), fr(frameData, 0, 1, message), fr(frameHeaders, whole|end, 1, zero)}, health.Success, "SERVING"},
		{"goes", []string{fr(frameGoAway, 0, 0, "\x00\x00\x00\x00\x00\x00\x00\x0btoo many")}, health.Failure, `goes away: "too many"`},
		{"resets", []string{fr(frameReset, 0, 1, "\x00\x00\x00\x07")}, health.Failure, "error 00000007"},
		{"other stream", []string{fr(frameHeaders, whole, 3, ok)}, health.Failure, "stream 3"},
		{"pushes", []string{fr(framePush, whole, 1, "\x00\x00\x00\x02")}, health.Failure, "pushes"},
		{"between", []string{fr(frameHeaders, 0, 1, ok), fr(framePing, 0, 0, "12345678")}, health.Failure, "not HTTP/2"},
		{"out of turn", []string{fr(frameContinues, whole, 1, ok)}, health.Failure, "not HTTP/2"},
		{"large", []string{fr(frameData, 0, 1, strings.Repeat("x", maxFrame+1))}, health.Failure, "not HTTP/2"},
		{"padding", []string{fr(frameData, flagPadded, 1, "\x05abcd")}, health.Failure, "padding"},
		{"bad block", []string{fr(frameHeaders, whole, 1, "\xff\xff\xff\xff\xff\xff")}, health.Failure, "not HTTP/2"},
		{"compressed", []string{fr(frameHeaders, whole, 1, ok), fr(frameData, 0, 1, "\x01"+message[1:]), fr(frameHeaders, whole|end, 1, zero)}, health.Failure, "not one message"},
		{"no trailers", []string{fr(frameHeaders, whole, 1, ok), fr(frameData, end, 1, message)}, health.Failure, "no status of gRPC"},
		{"not protobuf", []string{fr(frameHeaders, whole, 1, ok), fr(frameData, 0, 1, string(grpcMessage([]byte{8}))), fr(frameHeaders, whole|end, 1, zero)}, health.Failure, "not protobuf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := peer(t, says(fr(frameSettings, 0, 0, "")+strings.Join(c.frames, "")))
			want(t, GRPC{Address: address}.Probe(within(t, soon), dial), c.kind, c.text)
		})
	}
}

func fr(kind, flags byte, stream uint32, body string) string {
	return string(frame(kind, flags, stream, []byte(body)))
}

func TestHealthResponse(t *testing.T) {
	for text, wanted := range map[string]uint64{
		"":                             0,
		"\x08\x01":                     1,
		"\x08\x80\x01":                 128,
		"\x12\x02ab\x08\x01":           1, // fields that are to come
		"\x19abcdefgh\x25abcd\x08\x02": 2,
	} {
		if got, err := healthResponse(grpcMessage([]byte(text))); got != wanted || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, wanted)
		}
	}
	for _, text := range []string{"\x08", "\x12\x05ab", "\x12", "\x0b", "\x00\x01", "\x25abc", "\x19\x01", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if got, err := healthResponse(grpcMessage([]byte(text))); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
