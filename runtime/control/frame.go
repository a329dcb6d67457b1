package control

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Kind is the first byte of a frame.
type Kind byte

const (
	KindRequest Kind = 'q' // client: a Request, as JSON; the first frame, and only that
	KindReply   Kind = 'a' // supervisor: a Reply, as JSON; the last frame
	KindPart    Kind = 'p' // supervisor: a piece of a document, before the reply
	KindInput   Kind = 'i' // client, attached: what is typed
	KindResize  Kind = 'z' // client, attached: the terminal's size, rows and columns, two bytes each
	KindOutput  Kind = 'o' // supervisor, attached: from a terminal, or descriptor 1
	KindError   Kind = 'e' // supervisor, attached: from descriptor 2
)

// MaxBody is how long a frame's body may be, in bytes: no peer makes the other
// take more memory than that.
const MaxBody = 32 << 10

const headSize = 5

// Frame is one message.
type Frame struct {
	Kind Kind
	Body []byte
}

// Append adds the frame's bytes to dst: kind, length in four bytes, body.
func (f Frame) Append(dst []byte) []byte {
	dst = append(dst, byte(f.Kind))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(f.Body)))
	return append(dst, f.Body...)
}

// Write sends the frame at once.
func (f Frame) Write(w io.Writer) error {
	if len(f.Body) > MaxBody {
		return tooLong(f.Kind, len(f.Body))
	}
	_, err := w.Write(f.Append(make([]byte, 0, headSize+len(f.Body))))
	return err
}

// Read receives a frame into buf, which grows to at most MaxBody as needed: the
// body is valid until buf is used again. io.EOF says that there is none more.
func Read(r io.Reader, buf []byte) (f Frame, grown []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return f, buf, err
	}
	f.Kind = Kind(head[0])
	n := binary.LittleEndian.Uint32(head[1:])
	if n > MaxBody {
		return f, buf, tooLong(f.Kind, int(n))
	}
	if int(n) > cap(buf) {
		buf = make([]byte, n)
	}
	f.Body = buf[:n]
	_, err = io.ReadFull(r, f.Body)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return f, buf, err
}

func tooLong(k Kind, n int) error {
	return fmt.Errorf("message %q has %d bytes, more than %d", byte(k), n, MaxBody)
}

// JSON makes a frame of a Request or a Reply.
func JSON(k Kind, v any) (Frame, error) {
	body, err := json.Marshal(v)
	return Frame{k, body}, err
}

// Size is that of a terminal, in characters.
type Size struct{ Rows, Columns uint16 }

// Frame tells the size.
func (s Size) Frame() Frame {
	b := binary.LittleEndian.AppendUint16(nil, s.Rows)
	return Frame{KindResize, binary.LittleEndian.AppendUint16(b, s.Columns)}
}

// ParseSize reads the body of a KindResize.
func ParseSize(body []byte) (Size, error) {
	if len(body) != 4 {
		return Size{}, fmt.Errorf("a size has 4 bytes, not %d", len(body))
	}
	return Size{binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[2:])}, nil
}
