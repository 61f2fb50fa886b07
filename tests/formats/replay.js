// Lets a recorder for Node.js replay a file: `node replay.js nock FILE URL BODY`, or
// `node replay.js polly record|replay FOLDER URL BODY`. Prints the status, and the body of the answer.
const http = require('http');
const https = require('https');

function call(url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: '*/*' };
    const request = (url.startsWith('https') ? https : http).request(url, { method: 'POST', headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        let data = Buffer.concat(chunks);
        if (response.headers['content-encoding'] === 'gzip') data = require('zlib').gunzipSync(data);
        resolve(`${response.statusCode}\n${data}`);
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function polly(mode, folder, url, body) {
  const { Polly } = require('@pollyjs/core');
  Polly.register(require('@pollyjs/adapter-node-http'));
  Polly.register(require('@pollyjs/persister-fs'));
  const recorder = new Polly('ask', {
    adapters: ['node-http'],
    persister: 'fs',
    persisterOptions: { fs: { recordingsDir: folder } },
    mode,
    recordIfMissing: mode === 'record',
    logLevel: 'silent',
  });
  try {
    return await call(url, body);
  } finally {
    await recorder.stop();
  }
}

async function nocked(file, url, body) {
  const nock = require('nock');
  nock.disableNetConnect();
  nock.define(nock.loadDefs(file));
  return call(url, body);
}

const [recorder, ...rest] = process.argv.slice(2);
(recorder === 'polly' ? polly(...rest) : nocked(...rest)).then(
  (answer) => process.stdout.write(answer),
  (error) => {
    process.stderr.write(String(error));
    process.exit(1);
  },
);
