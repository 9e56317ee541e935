import { installationState } from '../../src/runtime/provision/completion-record.js';
import { installBuild } from '../../src/runtime/provision/install-runtime.js';

// Run as a program by two-processes.test.ts: FOLDER BUILD.
const [folder = '', build = ''] = process.argv.slice(2);
await installBuild(JSON.parse(build), folder, { log: console.log, progress: () => {} });
console.log(installationState(folder));
