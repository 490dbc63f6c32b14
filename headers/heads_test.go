package headers_test

// Field sections of everyday messages, for gates and benchmarks.

// browserRequest is what a browser sends, 700 octets with its cookies.
const browserRequest = "Host: www.example.com\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
	"Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Referer: https://www.example.com/articles/2024/03/a-walk-through-the-layers.html\r\n" +
	"Connection: keep-alive\r\n" +
	"Cookie: session=3f9a0c5e77b14d0e9c2d8a6b1f4e7d90; theme=dark; consent=necessary%2Cstatistics%2Cpreferences; " +
	"_visit=1710412345.1710412999.17; basket=eyJpdGVtcyI6W3siaWQiOjQyLCJuIjoxfSx7ImlkIjo5LCJuIjozfV19; " +
	"_trail=%2Farticles%2F%3Fpage%3D3%26sort%3Dnewest; lastseen=2024-03-14T09%3A26%3A53Z; ab=17.b-23.a-31.c\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n" +
	"\r\n"

// serverResponse is what a file server answers: nine field lines.
const serverResponse = "Server: nginx/1.26.3\r\n" +
	"Date: Thu, 14 Mar 2024 09:26:53 GMT\r\n" +
	"Content-Type: text/html; charset=utf-8\r\n" +
	"Content-Length: 18273\r\n" +
	"Last-Modified: Wed, 13 Mar 2024 17:02:11 GMT\r\n" +
	"Connection: keep-alive\r\n" +
	"ETag: \"65f1dba3-4761\"\r\n" +
	"Cache-Control: max-age=3600, public\r\n" +
	"Accept-Ranges: bytes\r\n" +
	"\r\n"
