// SPDX-License-Identifier: GPL-3.0-or-later
// trace-events.mjs FILE: reads Chrome trace events with the engine of Chrome's DevTools; prints a line for each thread, and
// the bounds of the trace in microseconds.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

// The engine needs this class of browsers.
globalThis.DOMRect = class {
    constructor(x = 0, y = 0, width = 0, height = 0) {
        Object.assign(this, { x, y, width, height });
    }
};
const engine = new URL('../../build/npm/node_modules/@paulirish/trace_engine/', import.meta.url);
const { main } = JSON.parse(fs.readFileSync(new URL('package.json', engine)));
const { Processor } = await import(pathToFileURL(new URL(main, engine).pathname));

const processor = Processor.TraceProcessor.createWithAllHandlers();
await processor.parse(JSON.parse(fs.readFileSync(process.argv[2])).traceEvents, {});
const { Meta } = processor.data;
for (const [pid, threads] of Meta.threadsInProcess)
    for (const thread of threads.values())
        console.log(`${Meta.processNames.get(pid).args.name}: ${thread.args.name}`);
console.log(`from ${Meta.traceBounds.min} to ${Meta.traceBounds.max}`);
