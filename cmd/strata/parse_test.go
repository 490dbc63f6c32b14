package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/parse"
)

// parseDoc is the page that describes the command.
func parseDoc(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/parse.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(doc), "\r\n", "\n")
}

// block returns the fenced block of the page with that info string.
func block(t *testing.T, info string) string {
	t.Helper()
	_, text, ok := strings.Cut(parseDoc(t), "\n```"+info+"\n")
	text, _, end := strings.Cut(text, "```\n")
	if !ok || !end || text == "" {
		t.Fatalf("docs/parse.md has no block %q", info)
	}
	return text
}

// objects reads lines of JSON. What tells the version and the platform is left out.
func objects(t *testing.T, lines string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if object["driver"] != nil {
			if object["version"] == "" {
				t.Error("there is no version")
			}
			delete(object, "version")
		}
		all = append(all, object)
	}
	return all
}

func TestParseDocExample(t *testing.T) {
	in, want := block(t, "jsonl in"), objects(t, block(t, "jsonl out"))
	for _, split := range []string{"", "--split=1", "--split=2", "--split=3", "--split=7"} {
		args := []string{"parse", "--jsonl"}
		if split != "" {
			args = append(args, split)
		}
		got := strata(t, in, args...)
		if diff := cmp.Diff(want, objects(t, got.stdout)); diff != "" || got.code != exitUsage {
			t.Errorf("%q: exit status %d (-doc +output):\n%s", args, got.code, diff)
		}
	}

	first := objects(t, in)[0]["bytes_b64"].(string)
	octets, err := base64.StdEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	got := strata(t, string(octets), "parse", "-")
	if diff := cmp.Diff(result{stdout: block(t, "text")}, got, cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("for a person (-doc +output):\n%s", diff)
	}
}

// TestParseDocKeys: the tables name every key that there is.
func TestParseDocKeys(t *testing.T) {
	doc := parseDoc(t)
	var check func(reflect.Type)
	check = func(result reflect.Type) {
		for i := range result.NumField() {
			f := result.Field(i)
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous:
				check(f.Type)
			case key == "-":
			case !regexp.MustCompile("(?m)^\\| [^|]*`" + key + "`").MatchString(doc):
				t.Errorf("docs/parse.md has no row for %s", key)
			}
		}
	}
	check(reflect.TypeFor[parse.Result]())
	for _, name := range parse.LimitNames() {
		if !strings.Contains(doc, "`"+name+"`") {
			t.Errorf("docs/parse.md does not name the limit %s", name)
		}
	}
}

// jsonCase is a line of input.
func jsonCase(side, octets, more string) string {
	return fmt.Sprintf("{\"side\": %q, \"bytes_b64\": %q%s}\n", side, base64.StdEncoding.EncodeToString([]byte(octets)), more)
}

func TestParseLines(t *testing.T) {
	const response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct {
		name, in string
		args     []string
		code     int
		want     []string // a part of each line, behind the first
	}{
		{"nothing", "", nil, 0, nil},
		{"empty lines", "\n \t\r\n\n", nil, 0, nil},
		{"no line end", strings.TrimSpace(jsonCase("client", response, "")), nil, 0, []string{`{"verdict":"accept","status":200,`}},
		{"any id", jsonCase("client", "", `, "id": {"a": [1, null]}`), nil, 0, []string{`{"id":{"a":[1,null]},"verdict":"hang"`}},
		{"unknown keys", jsonCase("client", "", `, "EOF": true, "Id": 1, "x": {}`), nil, 0, []string{`{"verdict":"hang","headers":[],"trailers":[],"body_b64":"","messages":0,"more":[],"reusable":false,"interim":[],"leftover_b64":""}`}},
		{"null is like nothing", jsonCase("client", "", `, "eof": null, "request_method": null, "request_methods": null`), nil, 0, []string{`"hang"`}},
		{"a method", jsonCase("client", response+"x", `, "request_method": "HEAD", "request_methods": []`), nil, 0, []string{`"more_rule":"unsolicited"`}},
		{"methods", jsonCase("client", response+response, `, "request_method": "HEAD", "request_methods": ["GET", "GET"]`), nil, 0,
			[]string{`"messages":2,"more":[{"status":200,"body_b64":""}],"reusable":true`}},
		{"the other side", jsonCase("server", "GET /<\xff HTTP/1.0\r\n\r\n", ""), []string{"--lenient", "AllowObsTarget"}, 0, []string{`"method":"GET","target":"/<\u00ff","version":"HTTP/1.0"`}},
		{"text", jsonCase("client", "HTTP/1.1 200 \x80\xe9\t\"\r\nA: \xff\x01\r\n\r\n", ""), []string{"--lenient=AllowControls"}, 0,
			[]string{`"reason":"\u0080\u00e9\t\"","version":"HTTP/1.1","headers":[["A","\u00ff\u0001"]]`}},
		{"bad lines", "{\n[]\nnull\n" + jsonCase("proxy", "", `, "id": 7`) + jsonCase("client", "", `, "eof": 1`) + `{"id": "x", "side": "client"}` + "\n" +
			`{"side": "client", "bytes_b64": "%"}` + "\n" + jsonCase("client", "", ""), nil, exitUsage,
			[]string{`{"line":1,"error":`, `{"line":2,"error":`, `{"line":3,"error":`, `{"id":7,"line":4,"error":`, `"error":"eof: `, `{"id":"x",`, `"error":"bytes_b64: `, `{"verdict":"hang"`}},
		{"a limit", jsonCase("client", response, ""), []string{"--limit", "line=5", "--limit", "content=-1"}, 0, []string{`"rule":"limit-line","offset":5`}},
		{"a preset", jsonCase("client", "HTTP/1.1 204\n\n", ""), []string{"--preset", "http.client"}, 0, []string{`"accept"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strata(t, tt.in, append([]string{"parse", "--jsonl"}, tt.args...)...)
			lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
			if got.code != tt.code || (got.stderr != "") != (tt.code != 0) || len(lines) != len(tt.want)+1 {
				t.Fatalf("%+v", got)
			}
			if want := `{"driver":"strata","version":"`; !strings.HasPrefix(lines[0], want) ||
				!strings.HasSuffix(lines[0], `,"sides":["client","server"],"caps":{"trailers":true}}`) {
				t.Errorf("first line %s", lines[0])
			}
			for i, want := range tt.want {
				if !strings.Contains(lines[i+1], want) {
					t.Errorf("\n got %s\nwant %s", lines[i+1], want)
				}
			}
		})
	}
}

// TestParseDialogue: each answer is there before the next case is sent.
func TestParseDialogue(t *testing.T) {
	in, toCommand := io.Pipe()
	fromCommand, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(t.Context(), []string{"parse", "--jsonl"}, in, out, io.Discard)
		out.Close()
	}()
	lines := bufio.NewScanner(fromCommand)
	for i := range 4 {
		if !lines.Scan() {
			t.Fatalf("line %d does not come: %v", i, lines.Err())
		}
		if i < 3 {
			// The first octet of the next case comes along with this one.
			if _, err := io.WriteString(toCommand, jsonCase("client", "", "")[min(i, 1):]+"{"[i/2:]); err != nil {
				t.Fatal(err)
			}
		}
	}
	toCommand.Close()
	if lines.Scan() || <-code != 0 {
		t.Errorf("behind the end there is %q", lines.Text())
	}
}

// TestParseInterrupted: a signal ends a command that waits for input.
func TestParseInterrupted(t *testing.T) {
	in, toCommand := io.Pipe()
	defer toCommand.Close()
	for _, args := range [][]string{{"parse", "--jsonl"}, {"parse", "-"}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if code := run(ctx, args, in, io.Discard, io.Discard); code != 130 {
			t.Errorf("%q: exit status %d", args, code)
		}
	}
}

func TestParseFile(t *testing.T) {
	const response = "HTTP/1.1 200 \xe9\x1b\r\nA: \x1b[31m\r\nContent-Length: 4\r\n\r\na\nb\xff"
	const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, tt := range []struct {
		name, octets string
		args         []string
		code         int
		want         string // a part of standard output
		message      string // a part of standard error
	}{
		{"controls", response, []string{"--lenient=all"}, 0, "reason    \\xe9\\x1b\nheader    A: \\x1b[31m\nheader    Content-Length: 4\nbody      4 octets\n          | a\\n\n          | b\\xff\n", ""},
		{"rejected", response, nil, exitProtocol, "verdict   reject\nerror     status-line at byte 14: ", "--lenient AllowReasonControls would admit it"},
		{"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na", nil, exitCut, "rule      incomplete-content\noffset    39\n", "content at byte 39"},
		{"to come", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na", []string{"--eof=false"}, exitCut, "verdict   hang\n", "is not complete"},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", []string{"--request-method", "HEAD"}, 0, "body      0 octets\n", ""},
		{"requests", request + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + request[:3], []string{"--side=server"}, 0,
			"host      a\nversion   HTTP/1.1\nheader    Host: a\nbody      0 octets\nmessages  2\nmore      POST /2\n          2 octets\n          | hi\nmore      error: ", ""},
		{"no request", "", []string{"--side=server"}, exitCut, "verdict   reject\nerror     connection closed before a request\n", "before a request"},
		{"responses", strings.Repeat("HTTP/1.1 204 \r\n\r\n", 2), []string{"--request-method=GET", "--request-method=HEAD"}, 0, "messages  2\nmore      204\n          0 octets\nreusable  true\n", ""},
		{"interim", "HTTP/1.1 103 \r\n\r\nHTTP/1.1 101 \r\n\r\nx", nil, 0, "verdict   accept\ninterim   103\n", ""},
		{"leftover", "HTTP/1.1 101 \r\n\r\nx", nil, 0, "reusable  false\nleftover  1 octet\n          | x\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "octets")
			if err := os.WriteFile(file, []byte(tt.octets), 0o600); err != nil {
				t.Fatal(err)
			}
			got := strata(t, "", append([]string{"parse", file}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stdout, tt.want) || !strings.Contains(got.stderr, tt.message) || (got.stderr == "") != (tt.message == "") {
				t.Errorf("exit status %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			if strings.Contains(got.stdout+got.stderr, "\x1b") || !utf8.ValidString(got.stdout+got.stderr) {
				t.Errorf("%q%q", got.stdout, got.stderr)
			}
		})
	}
}

func TestParseUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"a", "b"}, {"--jsonl", "a"}, {"--jsonl", "--side=client"}, {"--jsonl", "--eof"}, {"--jsonl", "--request-method=GET"},
		{"-", "--side=proxy"}, {"-", "--split=0"}, {"-", "--split=-1"}, {"-", "--lenient=x"}, {"-", "--preset=AllowNUL"},
		{"-", "--limit=line"}, {"-", "--limit=lines=1"}, {"-", "--limit=line=x"}, {"-", "--limit=line=0"}, {"-", "--limit=interim=9223372036854775808"},
	} {
		got := strata(t, "", append([]string{"parse"}, args...)...)
		if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, "Try 'strata parse --help'") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// TestParseStreams: what cannot be read or written is told.
func TestParseStreams(t *testing.T) {
	ill := iotest.ErrReader(errors.New("ill"))
	for _, args := range [][]string{{"parse", "--jsonl"}, {"parse", "-"}} {
		var stderr strings.Builder
		if code := run(t.Context(), args, ill, io.Discard, &stderr); code != exitFile || !strings.Contains(stderr.String(), "standard input: ill") {
			t.Errorf("%q: exit status %d, %s", args, code, &stderr)
		}
		full := writerFunc(func([]byte) (int, error) { return 0, errors.New("full") })
		if code := run(t.Context(), args, strings.NewReader("HTTP/1.1 204 \r\n\r\n"), full, io.Discard); code != exitFile {
			t.Errorf("%q: exit status %d", args, code)
		}
	}
	if got := strata(t, "", "parse", filepath.Join(t.TempDir(), "none")); got.code != exitFile {
		t.Errorf("%+v", got)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
