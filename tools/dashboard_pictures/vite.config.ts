import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// Grafana's components ask for their icons where Grafana serves them
const icons: Plugin = {
  name: 'icons',
  configureServer: (server) => {
    server.middlewares.use((request, _response, next) => {
      request.url = request.url?.replace(/^\/build\/img\//, '/img/');
      next();
    });
  },
};

export default defineConfig({
  plugins: [icons, react()],
  publicDir: 'node_modules/@grafana/ui/dist/public',
  server: { fs: { allow: ['../..'] } },
  logLevel: 'warn',
});
