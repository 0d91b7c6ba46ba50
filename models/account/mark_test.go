package account

import (
	"bytes"
	"testing"
)

func TestAMarkIsTheSameForOneValuePurposeAndSecretAlone(t *testing.T) {
	t.Parallel()
	s := newSealer([32]byte{1})
	joe := s.mark("name", []byte("Joe"))
	if !bytes.Equal(joe, s.mark("name", []byte("Joe"))) || len(joe) != 32 {
		t.Errorf("the mark is %x", joe)
	}
	for what, other := range map[string][]byte{
		"another value":   s.mark("name", []byte("Jo")),
		"another purpose": s.mark("device", []byte("Joe")),
		"another secret":  newSealer([32]byte{2}).mark("name", []byte("Joe")),
	} {
		if bytes.Equal(joe, other) {
			t.Errorf("%s has the same mark", what)
		}
	}
}
