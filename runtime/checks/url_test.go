package checks

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestFromURL(t *testing.T) {
	tests := []struct{ url, want string }{
		{"http://127.0.0.1:8080/healthz?a=b", `"http":{"url":"http://127.0.0.1:8080/healthz?a=b","method":"GET"}`},
		{"tcp://127.0.0.1:6379", `"tcp":{"address":"127.0.0.1:6379"}`},
		{"tcp://[::1]:6379", `"tcp":{"address":"[::1]:6379"}`},
		{"unix:///run/a%20b.sock", `"unix":{"path":"/run/a%20b.sock"}`},
		{"unix:/run/a.sock", `"unix":{"path":"/run/a.sock"}`},
		{"unix://@a/b", `"unix":{"path":"@a/b"}`},
		{"grpc://localhost:50051", `"grpc":{"address":"localhost:50051"}`},
		{"grpc://localhost:50051/shop.Cart", `"grpc":{"address":"localhost:50051","service":"shop.Cart"}`},
	}
	for _, test := range tests {
		spec, err := FromURL(test.url, Docker{Interval: time.Second, Timeout: 2 * time.Second, Retries: 4})
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		raw, err := json.Marshal(spec)
		want := `{"checks":[{"name":"healthcheck","role":"liveness",` + test.want +
			`,"interval":"1s","timeout":"2s","delay":"1s","failures":4,"successes":1}],"onFailure":"restart"}`
		if err != nil || string(raw) != want {
			t.Errorf("%s: got %s, %v\nwant %s", test.url, raw, err, want)
		}
	}
}

func TestFromURLNotify(t *testing.T) {
	for name, d := range map[string]Docker{
		"notify-url.json":      {},
		"notify-url-full.json": {Interval: 5 * time.Second, StartPeriod: time.Minute, Retries: 2},
	} {
		spec, err := FromURL("notify", d)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name, spec)
	}
}

func TestFromURLErrors(t *testing.T) {
	tests := []struct {
		url  string
		d    Docker
		want string
	}{
		{"https://127.0.0.1", Docker{}, "https is not spoken here; ask by exec, with curl"},
		{"ftp://a", Docker{}, `"ftp://a": none of http://…, tcp://…, unix://…, grpc://…, notify`},
		{"", Docker{}, `"": none of http://…, tcp://…, unix://…, grpc://…, notify`},
		{"notify://a", Docker{}, `"notify://a": none of http://…, tcp://…, unix://…, grpc://…, notify`},
		{"notify", Docker{Timeout: time.Second}, "/Timeout: has no meaning for notify, which nobody asks"},
		{"notify", Docker{Interval: 5}, "/Interval: 5ns: not from 1ms to 8760h0m0s, nor 0 for the default"},
		{"tcp://127.0.0.1:80/path", Docker{}, `"tcp://127.0.0.1:80/path": not of the form tcp://127.0.0.1:80 or grpc://127.0.0.1:80/SERVICE`},
		{"tcp://127.0.0.1", Docker{}, `"127.0.0.1": not of the form 127.0.0.1:80`},
		{"tcp://db:5432", Docker{}, `"db": names are not looked up; give an address, such as 127.0.0.1, or localhost`},
		{"unix://run/a.sock", Docker{}, `"run/a.sock": neither a path from / nor @ and an abstract name`},
		{"tcp://127.0.0.1:80", Docker{Interval: -1}, "/Interval: -1ns: not from 1ms to 8760h0m0s, nor 0 for the default"},
	}
	for _, test := range tests {
		spec, err := FromURL(test.url, test.d)
		var e *Error
		if !errors.As(err, &e) || err.Error() != test.want {
			t.Errorf("%q: got %+v, %v, want %s", test.url, spec, err, test.want)
		}
	}
}

func FuzzFromURL(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:80/a", "tcp://[::1]:1", "unix://@a", "grpc://localhost:1/a", "notify", "notify:", "unix:"} {
		f.Add(s, int64(time.Second), int64(time.Minute), 3)
	}
	f.Fuzz(func(t *testing.T, text string, interval, start int64, retries int) {
		spec, err := FromURL(text, Docker{Interval: time.Duration(interval), StartPeriod: time.Duration(start), Retries: retries})
		if err == nil {
			sound(t, spec)
		}
	})
}
