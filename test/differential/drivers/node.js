// Puts cases before Node's http module: its server and its client, each on a connection in memory. The lines are those
// of docs/parse.md.
'use strict';
const http = require('http');
const readline = require('readline');
const { Duplex } = require('stream');

// Peer is a connection whose other end sends what it is told to. Every sign of life counts as activity.
class Peer extends Duplex {
  constructor(onWrite) {
    super({ allowHalfOpen: true });
    this.sent = [];
    this.onWrite = onWrite;
    this.remoteAddress = '127.0.0.1';
  }
  _read() {}
  _write(chunk, encoding, done) {
    activity++;
    this.sent.push(chunk);
    if (this.onWrite) this.onWrite();
    done();
  }
  _final(done) { activity++; done(); }
  setTimeout() { return this; }
  setNoDelay() { return this; }
  setKeepAlive() { return this; }
  ref() { return this; }
  unref() { return this; }
}

let activity = 0;

// settled resolves when nothing has happened for some turns of the event loop. All is in memory and nothing waits for
// time, so nothing will happen any more.
async function settled() {
  for (let quiet = 0, last = activity; quiet < 4;) {
    await new Promise(setImmediate);
    quiet = activity === last ? quiet + 1 : 0;
    last = activity;
  }
}

const text = (octets) => octets.toString('latin1');

function pairs(raw) {
  const fields = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i], raw[i + 1]]);
  return fields;
}

// collect gathers the content of a message.
function collect(message, into) {
  into.body = [];
  message.on('data', (chunk) => { activity++; into.body.push(chunk); });
  message.on('end', () => { activity++; into.whole = true; into.trailers = pairs(message.rawTrailers); });
  message.on('aborted', () => { activity++; into.aborted = true; });
  message.on('error', (err) => { activity++; into.error = err; });
}

let session = null; // of the server case under way

const server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
  activity++;
  const seen = { request };
  session.requests.push(seen);
  collect(request, seen);
  request.on('end', () => {
    response.setHeader('Content-Length', '2');
    response.end('ok');
  });
});
server.on('clientError', (err, socket) => {
  activity++;
  session.error = session.error || err;
  socket.destroy();
});
server.on('connect', (request, socket, head) => {
  activity++;
  session.requests.push({ request, whole: true, body: [], trailers: [] });
  session.tunnel = { head };
});

async function serve(c) {
  session = { requests: [] };
  const peer = new Peer();
  peer.on('error', () => {});
  server.emit('connection', peer);
  if (c.octets.length > 0) peer.push(c.octets);
  if (c.eof) peer.push(null);
  await settled();
  const s = session, first = s.requests[0], sent = text(Buffer.concat(peer.sent));
  peer.destroy();
  await settled();
  if (!first || !first.whole) {
    if (s.error) return { verdict: 'reject', why: s.error.code || s.error.message };
    if (!first && sent.length > 0) return { verdict: 'reject', why: sent.slice(9, 12) };
    return { verdict: c.eof ? 'reject' : 'hang', why: c.eof ? 'closed' : undefined };
  }
  const whole = s.requests.filter((r) => r.whole);
  const q = first.request;
  const result = {
    verdict: 'accept', method: q.method, target: q.url, version: 'HTTP/' + q.httpVersion,
    headers: pairs(q.rawHeaders), trailers: first.trailers, body_b64: Buffer.concat(first.body).toString('base64'),
    messages: whole.length, more: whole.slice(1).map((r) => ({
      method: r.request.method, target: r.request.url, body_b64: Buffer.concat(r.body).toString('base64'),
    })),
  };
  // A client that has closed is not answered any more.
  const head = sent.split('\r\n\r\n').find((h) => /^HTTP\/1\.1 [2-5]/.test(h));
  if (head) result.reusable = !/^connection: close/mi.test(head);
  if (q.headers.host !== undefined) result.host = q.headers.host;
  if (s.tunnel && whole.length === 1) {
    result.reusable = false;
    result.leftover_b64 = s.tunnel.head.toString('base64');
  }
  return result;
}

class Agent extends http.Agent {
  createConnection() { return this.peer; }
}

// ask sends a request and returns what is known of the response, while it goes on.
function ask(c, agent) {
  const got = { interim: [] };
  const headers = { Host: 'h' };
  if (c.octets.includes(' 101')) Object.assign(headers, { Connection: 'Upgrade', Upgrade: 'x' });
  const request = http.request({ agent, host: 'h', path: c.method === 'CONNECT' ? 'h:1' : '/', method: c.method, headers });
  request.on('information', (info) => { activity++; got.interim.push(info.statusCode); });
  request.on('response', (response) => { activity++; got.response = response; collect(response, got); });
  for (const event of ['upgrade', 'connect']) {
    request.on(event, (response, socket, head) => {
      activity++;
      Object.assign(got, { response, leftover: head, whole: true, body: [], trailers: [] });
      socket.on('error', () => {});
    });
  }
  request.on('error', (err) => { activity++; got.error = got.error || err; });
  request.end();
  return { got, request };
}

async function fetch(c) {
  const agent = new Agent({ keepAlive: true });
  let told = false;
  const peer = agent.peer = new Peer(() => {
    if (told || c.octets.length === 0) return;
    told = true;
    setImmediate(() => { activity++; peer.push(c.octets); });
  });
  peer.on('error', () => {});
  const { got, request } = ask(c, agent);
  await settled();
  const waited = !got.whole && !got.error;
  if (waited && c.eof) {
    peer.push(null);
    await settled();
  }
  const reusable = Object.keys(agent.freeSockets).length > 0;
  const { whole, error, aborted, response } = got;
  agent.destroy();
  request.destroy();
  peer.destroy();
  await settled();
  if (!whole) {
    if (error) return { verdict: 'reject', why: error.code || error.message };
    if (aborted || c.eof) return { verdict: 'reject', why: 'closed' };
    return { verdict: 'hang' };
  }
  const result = {
    verdict: 'accept', status: response.statusCode, reason: response.statusMessage, interim: got.interim,
    version: 'HTTP/' + response.httpVersion, headers: pairs(response.rawHeaders), trailers: got.trailers,
    body_b64: Buffer.concat(got.body).toString('base64'), reusable,
  };
  if (got.leftover) result.leftover_b64 = got.leftover.toString('base64');
  return result;
}

function write(object) { process.stdout.write(JSON.stringify(object) + '\n'); }

async function main() {
  process.on('uncaughtException', (err) => {
    process.stderr.write(err.stack + '\n');
    process.exit(1);
  });
  write({ driver: 'node', version: process.version, sides: ['client', 'server'], caps: { trailers: true } });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const input = JSON.parse(line);
    const c = { octets: Buffer.from(input.bytes_b64, 'base64'), eof: !!input.eof, method: input.request_method || 'GET' };
    const result = input.side === 'server' ? await serve(c) : await fetch(c);
    write({ id: input.id, ...result });
  }
  process.exit(0);
}

main();
