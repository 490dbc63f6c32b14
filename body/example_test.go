package body_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// A chunked body that arrives in two pieces: what Next did not consume leads the data of the next call.
func ExampleDecoder() {
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	if err := d.Start(body.Framing{Mode: body.Chunked}, &limits, 0); err != nil {
		fmt.Println(err)
		return
	}
	var data []byte
	for _, piece := range []string{"5;note=x\r\nhel", "lo\r\n0\r\nX-Checksum: 1f0e\r\n\r\n"} {
		data = append(data, piece...)
		for {
			n, p, err := d.Next(data, false)
			if err != nil {
				fmt.Println(err)
				return
			}
			switch p.Kind {
			case body.Chunk:
				fmt.Printf("chunk of %d octets, extensions %q\n", p.Size, p.Ext)
			case body.Content:
				fmt.Printf("content %q\n", p.Data)
			case body.End:
				fmt.Printf("end, %s", d.Trailers.String())
			}
			data = data[n:]
			if p.Kind == body.NeedData || p.Kind == body.End {
				break
			}
		}
	}
	// Output:
	// chunk of 5 octets, extensions ";note=x"
	// content "hel"
	// content "lo"
	// chunk of 0 octets, extensions ""
	// end, X-Checksum: 1f0e
}

// A connection that ends too early is an error, never content that looks whole.
func ExampleDecoder_Next() {
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	if err := d.Start(body.Framing{Mode: body.LengthDelimited, Length: 100}, &limits, 0); err != nil {
		fmt.Println(err)
		return
	}
	data := []byte("half of it")
	n, p, err := d.Next(data, true)
	fmt.Printf("%q %v\n", p.Data, err)
	_, _, err = d.Next(data[n:], true)
	fmt.Println(err, errors.Is(err, wire.RuleIncompleteContent))
	// Output:
	// "half of it" <nil>
	// content at byte 0: connection closed before the content was complete (RFC 9112 section 8) true
}

func ExampleEncoder() {
	var e body.Encoder
	e.Start(body.Framing{Mode: body.Chunked})
	wire, err := e.AppendContent(nil, []byte("hello"))
	fmt.Printf("%q %v\n", wire, err)

	// Content that does not pass through memory goes between a prefix and a suffix.
	wire, _ = e.AppendPrefix(nil, 1000)
	fmt.Printf("%q, then 1000 octets from a file, ", wire)
	if err := e.Skip(1000); err != nil {
		fmt.Println(err)
	}
	wire, _ = e.AppendSuffix(nil)
	fmt.Printf("then %q\n", wire)

	var trailers headers.Fields
	trailers.Add("Content-Length", "1005")
	_, err = e.AppendEnd(nil, &trailers)
	fmt.Println(err)
	trailers.Reset()
	trailers.Add("X-Checksum", "1f0e")
	wire, err = e.AppendEnd(nil, &trailers)
	fmt.Printf("%q %v\n", wire, err)
	// Output:
	// "5\r\nhello\r\n" <nil>
	// "3e8\r\n", then 1000 octets from a file, then "\r\n"
	// trailer section at byte 0: field not allowed in a trailer section (RFC 9110 section 6.5.1); found "C"
	// "0\r\nX-Checksum: 1f0e\r\n\r\n" <nil>
}

// A Source describes content; whoever sends it asks what it is.
func ExampleSource() {
	for _, s := range []body.Source{
		body.None(),
		body.Bytes([]byte("hello")),
		body.String(""),
		body.Reader(strings.NewReader("hello")),
		body.SizedReader(strings.NewReader("hello"), 5),
		body.Seq(slices.Values([][]byte{[]byte("hel"), []byte("lo")})),
	} {
		fmt.Println(s.Kind(), s.Len())
	}
	// Output:
	// none 0
	// bytes 5
	// string 0
	// reader -1
	// reader 5
	// iterable -1
}

func ExampleRequestFraming() {
	var f headers.Fields
	f.Add("Content-Length", "5")
	c := f.Control()
	framing, _ := body.RequestFraming(&c, wire.HTTP11, false)
	fmt.Println(framing.Mode, framing.Length)

	f.Add("Transfer-Encoding", "chunked")
	c = f.Control()
	_, fault := body.RequestFraming(&c, wire.HTTP11, false)
	fmt.Println(fault.Rule)
	response, _ := body.ResponseFraming(body.Request{}, 200, &c, wire.HTTP11, false)
	fmt.Println(response.Mode, response.LastUse)
	// Output:
	// length-delimited 5
	// Transfer-Encoding and Content-Length together (RFC 9112 section 6.3)
	// chunked true
}
