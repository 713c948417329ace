import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

// What a utility process of Electron is to the file that it runs: a Node whose parent is reached by `process.parentPort`.
const send = process.send?.bind(process);
const port = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown) => void send?.(message),
});
process.on('message', (data) => port.emit('message', { data }));
process.once('disconnect', () => process.exit());
Object.assign(process, { parentPort: port, send: undefined });
const [, , file = ''] = process.argv;
await import(pathToFileURL(file).href);
