package lines

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

// Serve is the loop of a driver: it says about, then answers each case by run, until in ends. A panic of run is not
// caught: that an engine ends its program is something to be told.
func Serve(in io.Reader, out io.Writer, about About, run func(Case) Result) error {
	reader, writer := bufio.NewReader(in), bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	if err := encoder.Encode(about); err != nil {
		return err
	}
	for {
		// Each answer goes out before the next case is taken up: that may end the program.
		if err := writer.Flush(); err != nil {
			return err
		}
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var c Case
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		result := run(c)
		result.ID = c.ID
		if err := encoder.Encode(result); err != nil {
			return err
		}
	}
}
