import { unpackNode } from './node-package.js';

// Unpacks the program of a Node.js, for the tests. Usage: unpack.js NAME FOLDER
const [name = '', folder = ''] = process.argv.slice(2);
await unpackNode(name, 'bin/node', folder);
