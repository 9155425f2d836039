// A program that uses the published types of minnow/server. Compiled, not run.
import { startServer, type Server } from 'minnow/server';

export async function run(): Promise<void> {
  const server: Server = await startServer({
    port: 0,
    models: ['shapes', { name: 'birds', version: '2', source: 'birds.onnx', preprocess: 'tf' }],
    allowHosts: ['images.internal:8080'],
    queue: 100,
    logLevel: 'warn',
    logStream: process.stderr,
  });
  // @ts-expect-error where it listens is fixed
  server.port = 80;
  await server.close();
}

// @ts-expect-error levels are a closed list
void startServer({ logLevel: 'loud' });
