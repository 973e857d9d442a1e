// Seven modules' texts, from one process: what a module answers to `POST /v1/<module>/plan-texts`, without a module's own work.
import { createServer } from 'node:http';
import { serve } from './child.mjs';

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; }).on('end', () => {
    const texts = JSON.parse(body).entries.map(({ entryId, version }) => ({ entryId, version, text: 'Bring nothing but yourself.' }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ texts }));
  });
});

serve({
  open: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`))),
});
