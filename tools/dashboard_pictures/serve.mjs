// The page, bundled, and what it asks for: dashboards, and icons where Grafana's components expect them.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { build } from 'esbuild';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' };
const HERE = new URL('.', import.meta.url);
export const DASHBOARDS = new URL('../../deploy/helm/unigate/dashboards/', HERE);
const PLACES = [['/dashboards/', DASHBOARDS], ['/build/', new URL('node_modules/@grafana/ui/dist/public/', HERE)]];

/** Serve on a free port of this machine; resolves to the server. */
export const serve = async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/main.tsx'], absWorkingDir: import.meta.dirname, bundle: true, write: false, outdir: 'dist', format: 'esm',
    jsx: 'automatic', minify: true, logLevel: 'error', define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
    loader: { '.svg': 'dataurl', '.woff2': 'empty', '.ttf': 'empty' },
  });
  const files = new Map(outputFiles.map((file) => [`/main${extname(file.path)}`, file.contents]));
  files.set('/', readFileSync(new URL('index.html', HERE)));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    const [prefix, place] = PLACES.find(([start]) => pathname.startsWith(start)) ?? [];
    try {
      const body = files.get(pathname) ?? readFileSync(new URL(pathname.slice(prefix.length), place));
      response.writeHead(200, { 'content-type': TYPES[extname(pathname) || '.html'] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
};
