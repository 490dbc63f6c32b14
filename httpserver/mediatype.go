package httpserver

import (
	"mime"
	"strings"
)

// mediaTypes are those of the Web, so that they are the same on every machine. Text is said to be UTF-8, since a
// browser that is told nothing takes it for windows-1252.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8", ".xhtml": "application/xhtml+xml",
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
	".wasm": "application/wasm", ".xml": "text/xml; charset=utf-8", ".atom": "application/atom+xml", ".rss": "application/rss+xml",
	".txt": "text/plain; charset=utf-8", ".text": "text/plain; charset=utf-8", ".log": "text/plain; charset=utf-8",
	".md": "text/markdown; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".tsv": "text/tab-separated-values; charset=utf-8",
	".ics": "text/calendar; charset=utf-8", ".vtt": "text/vtt; charset=utf-8", ".go": "text/plain; charset=utf-8",
	".py": "text/x-python; charset=utf-8", ".c": "text/plain; charset=utf-8", ".h": "text/plain; charset=utf-8",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".avif": "image/avif", ".svg": "image/svg+xml", ".ico": "image/vnd.microsoft.icon", ".bmp": "image/bmp",
	".tif": "image/tiff", ".tiff": "image/tiff", ".heic": "image/heic",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
	".wav": "audio/x-wav", ".mid": "audio/midi",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mkv": "video/matroska",
	".avi": "video/x-msvideo", ".mpeg": "video/mpeg", ".ts": "video/mp2t", ".m3u8": "application/vnd.apple.mpegurl",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
	".pdf": "application/pdf", ".epub": "application/epub+zip", ".rtf": "application/rtf", ".zip": "application/zip",
	".tar": "application/x-tar", ".7z": "application/x-7z-compressed", ".jar": "application/java-archive",
	// What is compressed is sent as it is: as a content coding it would be taken off by the client.
	".gz": "application/gzip", ".tgz": "application/gzip", ".z": "application/octet-stream",
	".bz2": "application/x-bzip2", ".xz": "application/x-xz", ".zst": "application/zstd",
}

// OctetStream is the media type of what nobody knows.
const octetStream = "application/octet-stream"

// GuessType returns the media type of a file by its name's extension: that of ExtensionsMap, as it is and then
// in lower case, else one of a table for the Web, else what the system knows, else application/octet-stream.
func (s *SimpleHTTPRequestHandler) GuessType(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	dot := strings.LastIndexByte(name, '.')
	if strings.Trim(name[:max(dot, 0)], ".") == "" {
		return s.ofExtension("") // a name that begins with its only dot has no extension
	}
	return s.ofExtension(name[dot:])
}

func (s *SimpleHTTPRequestHandler) ofExtension(ext string) string {
	lower := strings.ToLower(ext)
	for _, e := range [...]string{ext, lower} {
		if t, ok := s.ExtensionsMap[e]; ok {
			return t
		}
	}
	if t, ok := mediaTypes[lower]; ok {
		return t
	}
	if ext != "" {
		if t := mime.TypeByExtension(lower); t != "" {
			return t
		}
	}
	return octetStream
}
