import { ChokidarSource } from '../../src/watch/chokidar-source.ts';
import { NativeSource } from '../../src/watch/native-source.ts';
import { RecursiveSource } from '../../src/watch/recursive-source.ts';
import { sourceContract } from './source-contract.ts';

if (process.platform === 'linux') sourceContract('fs.watch per folder', options => new NativeSource(options));
// Emulated on Linux, where it never hears of a file again after a rename.
else sourceContract('recursive fs.watch', options => new RecursiveSource(options));
sourceContract('chokidar, polling', options => new ChokidarSource({ ...options, interval: 10 }));
