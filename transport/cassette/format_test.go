package cassette_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/transport/cassette"
)

// format writes events as a file.
func format(events []cassette.Event) string {
	b := []byte(cassette.Header)
	for _, e := range events {
		b = cassette.Append(b, e)
	}
	return string(b)
}

// The cassettes in the documentation are what they say: they parse, and those that stand as recorded are written
// again as they stand.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/cassette.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page), "```cassette\n")
	if len(parts) < 3 {
		t.Fatalf("the page has %d cassettes", len(parts)-1)
	}
	for i, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "```")
		events, err := cassette.Parse("docs/cassette.md", strings.NewReader(text), 0)
		if err != nil {
			t.Errorf("cassette %d: %v", i, err)
			continue
		}
		if diff := cmp.Diff(text, format(events)); diff != "" && !strings.Contains(text, "\n# edited") {
			t.Errorf("cassette %d, as written again (-page +got):\n%s", i, diff)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	const open = "\n\ndial 1 0s tcp a:1\nopen 1 0s\n" // lines 2 to 4, behind the "!" for the header
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"empty", "", 1, "the file is empty"},
		{"foreign", "HTTP/1.1 200 OK\n", 1, `the first line is "HTTP/1.1 200 OK", want "strata-cassette 1"`},
		{"later version", "strata-cassette 2\n", 1, `the format has version "2", and this program reads version 1`},
		{"unknown event", "!\nopne 1 0s\n", 2, `no event is called "opne"`},
		{"no number", "!\ndial\n", 2, `"dial" needs the number of a connection and a time, such as "dial 1 20ms"`},
		{"bad number", "!\ndial one 0s tcp a:1\n", 2, `"one" is no number of a connection`},
		{"number 0", "!\ndial 0 0s tcp a:1\n", 2, `"0" is no number of a connection`},
		{"large number", "!\ndial 2147483648 0s tcp a:1\n", 2, "is no number of a connection"},
		{"bad time", "!\ndial 1 5 tcp a:1\n", 2, `"5" is no time`},
		{"negative time", "!\ndial 1 -5s tcp a:1\n", 2, `"-5s" is no time`},
		{"signed time", "!\ndial 1 +5s tcp a:1\n", 2, `"+5s" is no time`},
		{"dial without address", "!\ndial 1 0s tcp\n", 2, `"dial" is followed by number, time, network and address; there is "tcp"`},
		{"dialled twice", "!" + open + "dial 1 0s tcp a:1\n", 5, "connection 1 is dialled a second time"},
		{"never dialled", "!\nopen 1 0s\n", 2, "connection 1 has no dial"},
		{"opened twice", "!" + open + "open 1 0s\n", 5, "connection 1 is open already"},
		{"failed and used", "!\ndial 1 0s tcp a:1\nfail 1 0s reset\n<end 1 0s\n", 4, "connection 1 is over"},
		{"not open", "!\ndial 1 0s tcp a:1\n<end 1 0s\n", 3, "connection 1 is not open yet"},
		{"half an address", "!\ndial 1 0s tcp a:1\nopen 1 0s tcp a:1\n", 3, `"open" is followed by number, time and, if they are known`},
		{"unknown fault", "!" + open + "<error 1 0s broken\n", 5, `"<error" is followed by number, time and one of refused,`},
		{"fault with text", "!" + open + "<error 1 0s reset x\n", 5, "and reset alone"},
		{"other without text", "!" + open + "<error 1 0s other\n", 5, "other and the text of the error in quotes"},
		{"after the end", "!" + open + "<end 1 0s\n< 1 0s\n  x\n", 6, "direction < of connection 1 has ended"},
		{"after close", "!" + open + "close 1 0s\n> 1 0s\n  x\n", 6, "connection 1 is over"},
		{"more words", "!" + open + "close 1 0s now\n", 5, `"close" is followed by number, time and nothing else; there is "now"`},
		{"no octets", "!" + open + "> 1 0s\n\n# none\n", 5, "a segment without octets"},
		{"no octets, then more", "!" + open + "> 1 0s\nclose 1 0s\n", 5, "a segment without octets"},
		{"octets of nothing", "!" + open + "  x\n", 5, `octets that belong to no segment: "x"`},
		{"one space", "!" + open + "> 1 0s\n x\n", 6, "a line of octets begins with two spaces"},
		{"tab", "!" + open + "> 1 0s\n\tx\n", 6, "a line of octets begins with two spaces"},
		{"space at the end", "!" + open + "> 1 0s\n  x \n", 6, "the line ends in a space"},
		{"unknown escape", "!" + open + "> 1 0s\n  \\q\n", 6, `"\\q" is no escape`},
		{"half an escape", "!" + open + "> 1 0s\n  \\x4\n", 6, `"\\x4" is no escape`},
		{"backslash at the end", "!" + open + "> 1 0s\n  x\\\n", 6, `"\\" is no escape`},
		{"control octet", "!" + open + "> 1 0s\n  a\x01b\n", 6, `"\x01" cannot stand for itself`},
		{"no UTF-8", "!" + open + "> 1 0s\n  a\xffb\n", 6, `"\xff" cannot stand for itself`},
		{"redacted inbound", "!" + open + "< 1 0s\n  \\[4]\n", 6, `\[n] stands for octets that are compared`},
		{"redacted none", "!" + open + "> 1 0s\n  \\[0]\n", 6, `is no run of redacted octets`},
		{"redacted unclosed", "!" + open + "> 1 0s\n  \\[4\n", 6, `is no run of redacted octets`},
		{"quote", "!\ndial 1 0s tcp \"a:1\n", 2, `the closing quote is missing behind "a:1"`},
		{"quote and more", "!\ndial 1 0s \"tcp\"a:1\n", 2, `a space is missing behind the quoted word "tcp"`},
		{"quote inside", "!\ndial 1 0s tc\"p a:1\n", 2, `the word "tc\"p" must stand in quotes`},
		{"long line", "!" + open + "> 1 0s\n  " + strings.Repeat("x", 1<<20) + "\n", 6, "the line is longer than 1048576 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(tt.text, "!\n", cassette.Header, 1)
			_, err := cassette.Parse("f", strings.NewReader(text), 0)
			var f *cassette.FormatError
			if !errors.As(err, &f) || f.Line != tt.line || !strings.Contains(f.What, tt.want) {
				t.Errorf("%v, want line %d: %s", err, tt.line, tt.want)
			}
		})
	}
}

// What a person cannot see at the end of an event says nothing.
func TestSpacesBehindEvents(t *testing.T) {
	const text = cassette.Header + "\ndial 1 0s tcp a:1\nopen 1 0s\n> 1 0s\n  x\n>end 1 0s\n"
	spaced := strings.NewReplacer("a:1\n", "a:1 \n", "> 1 0s\n", "> 1 0s  \r\n", ">end 1 0s\n", ">end 1 0s ").Replace(text)
	events, err := cassette.Parse("f", strings.NewReader(spaced), 0)
	if diff := cmp.Diff(text, format(events)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A run of redacted octets costs no memory that the limit does not allow.
func TestRedactedRunIsLimited(t *testing.T) {
	text := cassette.Header + "dial 1 0s tcp a:1\nopen 1 0s\n> 1 0s\n  \\[4000000000000]\n"
	if _, err := cassette.Parse("f", strings.NewReader(text), 0); !errors.Is(err, cassette.ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// Whatever parses is written in a form that parses to the same, and is written so again.
func FuzzParse(f *testing.F) {
	f.Add(cassette.Header + hello)
	f.Add(cassette.Header + three)
	f.Add(cassette.Header + "\ndial 1 0s \"\" \"a b\\x22\"\nfail 1 - other \"\\xff\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := cassette.Parse("f", strings.NewReader(text), 1<<20)
		if err != nil {
			return
		}
		once := format(events)
		again, err := cassette.Parse("f", strings.NewReader(once), 1<<20)
		if err != nil {
			t.Fatalf("%v in\n%s", err, once)
		}
		ignore := []cmp.Option{cmpopts.IgnoreUnexported(cassette.Event{}), cmpopts.IgnoreFields(cassette.Event{}, "Line"), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(events, again, ignore...); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
		if twice := format(again); !bytes.Equal([]byte(once), []byte(twice)) {
			t.Fatalf("written twice (-once +twice):\n%s", cmp.Diff(once, twice))
		}
	})
}
