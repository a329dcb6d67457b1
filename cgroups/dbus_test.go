package cgroups

import (
	"encoding/hex"
	"errors"
	"reflect"
	"testing"
)

// hello is the first call on every bus, laid out by hand: the fixed header, then
// path, interface, member and destination, each at a multiple of 8.
const hello = "6c01000100000000010000006d000000" +
	"01016f00150000002f6f72672f667265656465736b746f702f44427573000000" +
	"02017300140000006f72672e667265656465736b746f702e4442757300000000" +
	"030173000500000048656c6c6f000000" +
	"06017300140000006f72672e667265656465736b746f702e4442757300000000"

func TestEncodeCall(t *testing.T) {
	m := busMessage{kind: busCall, serial: 1, path: "/org/freedesktop/DBus", iface: busName, member: "Hello", dest: busName}
	if got := hex.EncodeToString(m.encode()); got != hello {
		t.Errorf("got\n%s\nwant\n%s", got, hello)
	}
}

// TestEncodeProperties has one property of each type, by hand again: a pair
// begins at a multiple of 8, its value after its name and signature.
func TestEncodeProperties(t *testing.T) {
	e := &encoder{}
	e.properties([]property{{"A", true}, {"B", []uint32{7}}, {"C", uint64(1)}, {"D", []byte{9}}, {"E", []string{"x"}}, {"F", "y"}})
	want := "8200000000000000" +
		"010000004100" + "016200" + "000000" + "01000000" +
		"010000004200" + "02617500" + "0000" + "0400000007000000" + "00000000" +
		"010000004300" + "017400" + "00000000000000" + "0100000000000000" +
		"010000004400" + "02617900" + "0000" + "0100000009" + "00000000000000" +
		"010000004500" + "02617300" + "0000" + "06000000" + "010000007800" + "0000" +
		"010000004600" + "017300" + "000000" + "010000007900"
	if got := hex.EncodeToString(e.b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDecode reads back what encode writes: both know the same layout, which
// TestEncodeCall and systemd itself, in the VM, hold to be right.
func TestDecode(t *testing.T) {
	body := &encoder{}
	body.string("text")
	m := busMessage{kind: busSignal, serial: 3, path: "/a/b", iface: "a.b", member: "C", dest: "d.e", bodyType: "s", body: body.b}
	got, err := decodeBus(m.encode())
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v, %v, want %+v", got, err, m)
	}
	if text := (&decoder{b: got.body}).string(); text != "text" {
		t.Errorf("body: %q", text)
	}
	for n := range m.encode() {
		if _, err := decodeBus(m.encode()[:n]); err == nil {
			t.Errorf("no error for the first %d bytes", n)
		}
	}
}

func TestDecoderStaysWithinItsBytes(t *testing.T) {
	d := &decoder{b: []byte{0xff, 0xff, 0xff, 0x7f, 'x'}}
	if got := d.string(); got != "" || !errors.Is(d.err, errBusFormat) || d.uint32() != 0 {
		t.Errorf("got %q, %v", got, d.err)
	}
}

func FuzzDecodeBus(f *testing.F) {
	b, _ := hex.DecodeString(hello)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeBus(b)
		if err == nil && len(m.body) > len(b) {
			t.Errorf("a body of %d bytes in %d", len(m.body), len(b))
		}
	})
}
