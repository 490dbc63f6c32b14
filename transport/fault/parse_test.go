package fault_test

import (
	"encoding"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/fault"
)

var (
	_ encoding.TextMarshaler   = fault.Script{}
	_ encoding.TextUnmarshaler = (*fault.Script)(nil)
	_ flag.Value               = (*fault.Script)(nil)
)

// equal compares faults as == does.
var equal = cmp.Comparer(func(a, b fault.Fault) bool { return a == b })

// sentences are faults in Go and as the text that they print.
var sentences = []struct {
	fault fault.Fault
	text  string
}{
	{fault.Fault{}, "nothing"},
	{fault.Anywhere().Reset(), "reset"},
	{fault.Conn(1).Received().At(100).Reset(), "conn 1 received at 100: reset"},
	{fault.At(100).Received().Conn(1).Reset(), "conn 1 received at 100: reset"},
	{fault.Conns(2, 5).Sent().Close(), "conn 2-5 sent at 0: close"},
	{fault.Conns(3, 0).At(7).HalfClose(), "conn 3- at 7: half-close"},
	{fault.Sent().At(1).Truncate(), "sent at 1: truncate"},
	{fault.After(0).Reset(), "after 0s: reset"},
	{fault.Received().After(90 * time.Second).BlackHole(), "received after 1m30s: black hole"},
	{fault.After(time.Second).At(3).Stall(), "at 3: stall"},
	{fault.At(3).After(time.Second).Stall(), "after 1s: stall"},
	{fault.Sent().Split(1), "sent at 0: split 1"},
	{fault.At(9).Cut(), "at 9: cut"},
	{fault.Received().Delay(50 * time.Millisecond), "received at 0: delay 50ms"},
	{fault.Received().StallFor(time.Hour), "received at 0: stall 1h0m0s"},
	{fault.Received().StallFor(0), "received at 0: stall"},
	{fault.At(4).Xor(0x20, 0, 0xff), "at 4: xor 2000ff"},
	{fault.Received().Replace("HTTP/9.9"), `received at 0: replace "HTTP/9.9"`},
	{fault.Anywhere().Replace("a: \"b\"; #\xff\r\n\u00e9"), `replace "a: \"b\"; #\xff\r\n\u00e9"`},
	{fault.Dial().Refuse(), "dial: refuse"},
	{fault.Conn(2).Dial().TimeOut(127 * time.Second), "conn 2 dial: time out 2m7s"},
	{fault.Sent().At(5).Conn(1).Dial().NoSuchHost(), "conn 1 dial: no such host"},
	{fault.Dial().Delay(time.Second), "dial: delay 1s"},
	{fault.Dial().Stall(), "dial: stall"},
	{fault.TLS().Alert(40), "tls: alert 40"},
	{fault.Conn(1).TLS().WrongHost(), "conn 1 tls: wrong host"},
	{fault.TLS().Expired(), "tls: expired"},
	{fault.TLS().UnknownAuthority(), "tls: unknown authority"},
}

// A fault prints as the sentence that it was made by, and the text is read back as the same fault.
func TestText(t *testing.T) {
	var all fault.Script
	for _, s := range sentences {
		all = append(all, s.fault)
		if got := s.fault.String(); got != s.text {
			t.Errorf("%q, want %q", got, s.text)
		}
		got, err := fault.Parse(s.text)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(fault.Script{s.fault}, got, equal); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", s.text, diff)
		}
	}
	text, _ := all.MarshalText()
	var got fault.Script
	if err := got.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got, equal); diff != "" {
		t.Errorf("the script of all (-want +got):\n%s", diff)
	}
}

func TestParse(t *testing.T) {
	reset, split := fault.Received().At(1).Reset(), fault.Sent().At(2).Split(3)
	for _, tt := range []struct {
		text string
		want fault.Script
	}{
		{"", nil},
		{" \n\t\r\n;;\n# all of it; reset", nil},
		{"received at 1: reset", fault.Script{reset}},
		{"  received\tat  1 :reset # and why", fault.Script{reset}},
		{"received at 1: reset;sent at 2: split 3;", fault.Script{reset, split}},
		{"sent at 2: split 3\r\nreceived at 1: reset\r\n", fault.Script{split, reset}},
		{"sent: close", fault.Script{fault.Sent().Close()}},
		{"conn 2: close", fault.Script{fault.Conn(2).Close()}},
		{"replace \"a;b\"; replace `c`", fault.Script{fault.Anywhere().Replace("a;b"), fault.Anywhere().Replace("c")}},
		{"xor FF", fault.Script{fault.Anywhere().Xor(0xff)}},
		{"random 42", fault.Random(42).Script},
	} {
		got, err := fault.Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
		}
		if diff := cmp.Diff(tt.want, got, equal); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", tt.text, diff)
		}
	}
}

// What cannot be read is refused, with the statement and what is wrong with it.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"explode":                          `"explode" is no action`,
		"at 1: resets":                     `"resets" is no action`,
		"at 1 reset":                       `"at 1 reset" is no action`,
		"at 1:":                            `"" is no action`,
		": reset":                          "nothing stands before the colon",
		"at -1: reset":                     `"-1" is not an offset`,
		"at 9223372036854775808: reset":    "is not an offset",
		"at: reset":                        `"at" wants to know which`,
		"at 1 at 2: reset":                 `"at" stands in the wrong order`,
		"received conn 1: reset":           `"conn" stands in the wrong order`,
		"sent received: reset":             `"received" stands in the wrong order`,
		"here: reset":                      `"here" is no word of a place`,
		"conn 0: reset":                    `"0" is neither a connection nor a range`,
		"conn 4294967297: reset":           `"4294967297" is neither`,
		"conn 3-2: reset":                  `"3-2" is neither`,
		"conn -: reset":                    `"-" is neither`,
		"after -1s: reset":                 `"-1s" is not a duration`,
		"after 5: reset":                   `"5" is not a duration`,
		"sent dial: refuse":                `"dial" has no direction`,
		"dial: reset":                      `"reset" does not happen there`,
		"dial: stall 1s":                   "a dial that goes on is delayed",
		"tls: stall":                       `"stall" does not happen there`,
		"at 1: refuse":                     `"refuse" does not happen there`,
		"at 1: alert 40":                   `"alert" does not happen there`,
		"tls: alert 256":                   `"256" cannot stand behind "alert"`,
		"split 0":                          `"0" cannot stand behind "split"`,
		"split":                            `"" cannot stand behind "split"`,
		"delay":                            `"" is not a duration`,
		"stall 0s":                         `"0s" cannot stand behind "stall"`,
		"reset now":                        `"now" cannot stand behind "reset"`,
		"xor":                              `"" cannot stand behind "xor"`,
		"xor 0":                            "odd length",
		`replace ""`:                       `cannot stand behind "replace"`,
		`replace abc`:                      "is not a quoted string",
		`replace "abc`:                     "is not a quoted string",
		"random":                           `"random" is no action`,
		"random x":                         `"x" is not a seed`,
		"random 18446744073709551616":      "is not a seed",
		"reset\n\nclose; half-closed; cut": `script line 3: "half-closed": "half-closed" is no action`,
	} {
		script, err := fault.Parse(text)
		var parse *fault.ParseError
		if !errors.As(err, &parse) || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
		if script != nil {
			t.Errorf("Parse(%q) returned %v with the error", text, script)
		}
	}
}

// A script is a flag that can be given several times.
func TestFlag(t *testing.T) {
	var script fault.Script
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&script, "fault", "a script of faults")
	if err := flags.Parse([]string{"-fault", "at 1: reset", "-fault", "cut; close"}); err != nil {
		t.Fatal(err)
	}
	want := fault.Script{fault.At(1).Reset(), fault.Anywhere().Cut(), fault.Anywhere().Close()}
	if diff := cmp.Diff(want, script, equal); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := flags.Parse([]string{"-fault", "boom"}); err == nil {
		t.Error("the flag took boom")
	}
	if diff := cmp.Diff(want, script, equal); diff != "" {
		t.Errorf("after a failed Set, -want +got:\n%s", diff)
	}
}

// Go that makes no sense panics, as text that makes none is refused.
func TestMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"Conn(0)":     func() { fault.Conn(0) },
		"Conns(2, 1)": func() { fault.Conns(2, 1) },
		"At(-1)":      func() { fault.At(-1) },
		"After(-1)":   func() { fault.After(-1) },
		"Split(0)":    func() { fault.Anywhere().Split(0) },
		"Delay(-1)":   func() { fault.Anywhere().Delay(-1) },
		"Xor()":       func() { fault.Anywhere().Xor() },
		"Replace":     func() { fault.Anywhere().Replace("") },
		"TimeOut(-1)": func() { fault.Dial().TimeOut(-1) },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range sentences {
		f.Add(s.text)
	}
	f.Add("random 7; conn 1-3 sent after 1s: xor 00 # and so on\nreset")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := fault.Parse(text)
		if err != nil {
			return
		}
		again, err := fault.Parse(script.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, script, err)
		}
		if diff := cmp.Diff(script, again, equal); diff != "" {
			t.Errorf("%q is read back as another script (-want +got):\n%s", text, diff)
		}
	})
}
