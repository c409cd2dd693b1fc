// An origin of bodies made to hurt, in a process of its own so that its memory and its pauses are not the client's.
// Prints its port. /gzip, /br, /deflate: 96 MiB of one letter in a hundredth of it; /twice: gzip within gzip; /endless: plain bytes
// without end; /wide: compressed noise of 12 MiB; /drip: a byte now and then; /headers: a header without end.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import zlib from 'node:zlib';

const MIB = 1 << 20;
const letters = Buffer.alloc(MIB, 'a');
const compressed = (stream, chunks) =>
  new Promise((resolve) => {
    const out = [];
    stream.on('data', (chunk) => out.push(chunk)).on('end', () => resolve(Buffer.concat(out)));
    let left = chunks;
    const next = () => (left-- > 0 ? stream.write(letters, next) : stream.end());
    next();
  });
const gzip = await compressed(zlib.createGzip({ level: 9 }), 96);
const bodies = {
  '/gzip': ['gzip', gzip],
  '/deflate': ['deflate', await compressed(zlib.createDeflate({ level: 9 }), 96)],
  '/br': ['br', await compressed(zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }), 96)],
  '/twice': ['gzip, gzip', zlib.gzipSync(gzip)],
  '/layers': ['gzip, gzip, gzip, gzip, gzip, gzip', gzip],
  '/wide': ['gzip', zlib.gzipSync(randomBytes(12 * MIB), { level: 1 })],
};
const endless = (response, chunk) => {
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', pour);
  pour();
};
const server = http.createServer((request, response) => {
  const body = bodies[request.url];
  if (body !== undefined) response.writeHead(200, { 'content-encoding': body[0] }).end(body[1]);
  else if (request.url === '/endless') endless(response.writeHead(200), letters);
  else if (request.url === '/drip') {
    response.writeHead(200);
    const timer = setInterval(() => response.write('a'), 20);
    response.on('close', () => clearInterval(timer));
  } else if (request.url === '/headers') {
    request.socket.write('HTTP/1.1 200 OK\r\nx: ');
    endless(request.socket, letters.subarray(0, 16384));
  } else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
