package control

import (
	"fmt"
	"io"
)

// MaxDocument is how long a document may be, in bytes: what a supervisor knows of
// its checks does not fit in a frame, and goes in pieces.
const MaxDocument = 4 << 20

// WriteDocument sends a document. The reply is to follow.
func WriteDocument(w io.Writer, doc []byte) error {
	if len(doc) > MaxDocument {
		return fmt.Errorf("a document of %d bytes is longer than %d", len(doc), MaxDocument)
	}
	for len(doc) > 0 {
		n := min(len(doc), MaxBody)
		if err := (Frame{KindPart, doc[:n]}).Write(w); err != nil {
			return err
		}
		doc = doc[n:]
	}
	return nil
}

// ReadDocument receives the document before a reply, if there is one, and the
// frame after it.
func ReadDocument(r io.Reader) (doc []byte, last Frame, err error) {
	for {
		f, _, err := Read(r, nil)
		if err != nil || f.Kind != KindPart {
			return doc, f, err
		}
		if len(doc)+len(f.Body) > MaxDocument {
			return nil, f, fmt.Errorf("a document is longer than %d bytes", MaxDocument)
		}
		doc = append(doc, f.Body...)
	}
}
