// SPDX-License-Identifier: GPL-3.0-or-later
// look.js DIR [--against DIR] PAGE.html...: draws each page in headless Chromium at the widths of a phone, a tablet and a
// desktop, light and dark, and as PDF, into DIR, with small pictures of the tops and facts.json. Prints what is wrong with
// the layout, and where small pictures or facts differ from those in the other DIR; the exit status is then 1.
const fs = require("fs");
const os = require("os");
const path = require("path");
const {spawn} = require("child_process");

const WIDTHS = [390, 800, 1400];
const WIDTHS_BETWEEN = [360, 500, 769, 1024]; // measured only
const SCHEMES = ["light", "dark"];
const SMALL = 0.25, TOP = 1600; // of small pictures: the scale, and the height in pixels of a page's part
const SHOWN = 1200; // the height of the part that docs/ shows
const KEPT = "four-cases"; // the page whose small pictures are kept (make keep-pages)
// Fonts differ between machines, so heights and pictures may differ a little. A missing chart changes both by more.
const HEIGHT_PART = 0.2, GREY_MEAN = 8;
const A4 = {paperWidth: 8.27, paperHeight: 11.69, marginTop: 0.5, marginBottom: 0.5, marginLeft: 0.5, marginRight: 0.5};

// Chromium's debugging protocol over two pipes: JSON messages, each ended by a NUL.
function connect(chromium) {
    const waiting = new Map();
    let last = 0, rest = "";
    chromium.stdio[4].on("data", (data) => {
        const parts = (rest + data).split("\0");
        rest = parts.pop();
        for (const message of parts.map((part) => JSON.parse(part))) {
            const key = message.id || message.method, call = waiting.get(key);
            waiting.delete(key);
            if (call && message.error)
                call.reject(new Error(JSON.stringify(message.error)));
            else if (call)
                call.resolve(message.result || message.params);
        }
    });
    const wait = (key) => new Promise((resolve, reject) => waiting.set(key, {resolve, reject}));
    const call = (method, params = {}, sessionId = undefined) => {
        const id = ++last;
        chromium.stdio[3].write(JSON.stringify({id, method, params, sessionId}) + "\0");
        return wait(id);
    };
    return {call, wait};
}

// Runs in the page: returns what a reader could not read.
function measure(scheme) {
    const wrong = [], width = document.documentElement.clientWidth;
    const say = (what, element) => wrong.push(`${what}: ${(element.outerHTML || element).slice(0, 100).replace(/\s+/g, " ")}`);
    for (const details of document.querySelectorAll("details"))
        details.open = true;
    if (document.documentElement.scrollWidth > width)
        wrong.push(`the page is ${document.documentElement.scrollWidth} wide, the screen ${width}`);
    for (const element of document.body.querySelectorAll("*")) {
        const box = element.getBoundingClientRect();
        if (box.width > 0 && (box.right > width + 0.5 || box.left < -0.5) && !element.closest("svg *"))
            say("beyond the screen", element);
    }
    const number = "[-+]?\\d[\\d.]*", gap = "[ \\u00a0]", unit = `${gap}?%|${gap}(?:s|ms|us|ns|times)\\b`;
    const numbers = new RegExp(`(?<![\\w.:=,-])${number}(?:${gap}±${gap}${number})?(?:${unit})?(?![\\w:=-])`, "g");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = texts.nextNode());) {
        for (const match of node.data.matchAll(numbers)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
            const tops = new Set(boxes.map((box) => Math.round(box.top)));
            if (tops.size > 1)
                say(`a number wraps: "${match[0]}" in`, node.data);
        }
    }
    for (const svg of document.querySelectorAll("svg")) {
        const box = svg.getBoundingClientRect();
        if (box.width < 100 || box.height < 10)
            say(`a drawing of ${box.width} x ${box.height}`, svg);
        for (const mark of svg.querySelectorAll("circle, rect, line, text")) {
            const own = mark.getBoundingClientRect();
            const across = own.left < box.left - 1 || own.right > box.right + 1;
            if (across || own.top < box.top - 3 || own.bottom > box.bottom + 3)
                say("a mark is cut off", mark);
        }
        const labels = [...svg.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
        for (const [i, [text, a]] of labels.entries())
            for (const [, b] of labels.slice(i + 1))
                if (a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 2 && b.bottom > a.top + 2)
                    say("labels overlap", text);
    }
    const ground = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    if ((ground[0] + ground[1] + ground[2]) / 3 < 128 !== (scheme === "dark"))
        wrong.push(`the ground is ${ground} in ${scheme} mode`);
    if (document.scripts.length > 0 || document.querySelector("[src], link[href]"))
        wrong.push("the page runs or loads something");
    const count = (selector) => document.querySelectorAll(selector).length;
    const list = (selector, tell) => [...document.querySelectorAll(selector)].map(tell);
    return {
        wrong,
        height: document.documentElement.scrollHeight,
        headings: list("h2, summary", (heading) => heading.textContent),
        charts: list("figure", (figure) => `${figure.id}: ${figure.querySelectorAll(".row").length}`),
        tables: list("table", (table) => `${table.rows.length} x ${table.rows[0].cells.length}`),
        svgs: count("svg"),
        marks: count("svg *"),
    };
}

// Runs in the page: returns the mean difference of two pictures in grey, 0 to 255, over blocks of 4 x 4 pixels.
async function difference(one, other) {
    const greys = async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [Math.ceil(image.width / 4), Math.ceil(image.height / 4)];
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
        return Array.from({length: data.length / 4}, (_, i) => (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
    };
    const [a, b] = [await greys(one), await greys(other)];
    return a.length === b.length ? a.reduce((sum, grey, i) => sum + Math.abs(grey - b[i]), 0) / a.length : 255;
}

// Returns the differences between a page's present and stored facts.
function compare(now, then) {
    const wrong = Object.keys(now).filter((fact) => fact !== "height" && JSON.stringify(now[fact]) !== JSON.stringify(then[fact]))
        .map((fact) => `${fact}: ${JSON.stringify(now[fact])}, not ${JSON.stringify(then[fact])}`);
    if (Math.abs(now.height / then.height - 1) > HEIGHT_PART)
        wrong.push(`it is ${now.height} pixels high, not ${then.height}`);
    return wrong;
}

async function look(to, dir, against, pages) {
    const {targetId} = await to.call("Target.createTarget", {url: "about:blank"});
    const {sessionId} = await to.call("Target.attachToTarget", {targetId, flatten: true});
    const call = (method, params) => to.call(method, params, sessionId);
    const facts = {}, reference = against ? JSON.parse(fs.readFileSync(path.join(against, "facts.json"))) : {};
    let bad = 0;
    await call("Page.enable");
    for (const page of pages) {
        const name = path.basename(page, ".html");
        const shoot = async (as, height) => {
            const clip = {x: 0, y: 0, width: as.width, height: Math.min(height, 12000), scale: 1};
            const {data} = await call("Page.captureScreenshot", {format: "png", clip, captureBeyondViewport: true});
            fs.writeFileSync(path.join(dir, `${name}-${as.width}-${as.scheme}${as.part || ""}.png`), Buffer.from(data, "base64"));
        };
        const evaluate = async (expression) => {
            const how = {expression, returnByValue: true, awaitPromise: true};
            const {result, exceptionDetails} = await call("Runtime.evaluate", how);
            if (exceptionDetails)
                throw new Error(JSON.stringify(exceptionDetails));
            return result.value;
        };
        // Draw the page's top at a small scale; returns a message if it looks different from the stored picture.
        const shootSmall = async (width, scheme) => {
            const clip = {x: 0, y: 0, width, height: TOP, scale: SMALL}, file = `${name}-${width}-${scheme}-small.png`;
            const {data} = await call("Page.captureScreenshot", {format: "png", clip, captureBeyondViewport: true});
            fs.writeFileSync(path.join(dir, file), Buffer.from(data, "base64"));
            if (!against || name !== KEPT)
                return [];
            if (!fs.existsSync(path.join(against, file)))
                return [`${against}/${file} is missing`];
            const kept = fs.readFileSync(path.join(against, file)).toString("base64");
            const urls = [data, kept].map((base64) => `"data:image/png;base64,${base64}"`);
            const grey = await evaluate(`(${difference})(${urls.join(", ")})`);
            return grey > GREY_MEAN ? [`it looks unlike ${against}/${file}: ${grey.toFixed(1)} of 255 on average`] : [];
        };
        const open = async () => {
            const loaded = to.wait("Page.loadEventFired");
            await call("Page.navigate", {url: `file://${path.resolve(page)}`});
            await loaded;
        };
        facts[name] = {};
        for (const width of WIDTHS) {
            for (const scheme of SCHEMES) {
                await call("Emulation.setDeviceMetricsOverride", {width, height: 900, deviceScaleFactor: 1, mobile: width < 500});
                const features = [{name: "prefers-color-scheme", value: scheme}];
                await call("Emulation.setEmulatedMedia", {media: "screen", features});
                await open();
                await shoot({width, scheme}, await evaluate("document.documentElement.scrollHeight"));
                await shoot({width, scheme, part: "-top"}, SHOWN);
                const unlike = await shootSmall(width, scheme);
                const found = await evaluate(`(${measure})("${scheme}")`);
                if (process.env.OPEN)
                    await shoot({width, scheme, part: "-open"}, found.height);
                const wrong = found.wrong.concat(unlike);
                delete found.wrong;
                facts[name][`${width} ${scheme}`] = found;
                if (against)
                    wrong.push(...compare(found, reference[name][`${width} ${scheme}`]));
                for (const what of wrong.slice(0, 20))
                    console.log(`${name}, ${width} pixels, ${scheme}: ${what}`);
                bad += wrong.length;
            }
        }
        for (const width of WIDTHS_BETWEEN) {
            await call("Emulation.setDeviceMetricsOverride", {width, height: 900, deviceScaleFactor: 1, mobile: width < 500});
            await call("Emulation.setEmulatedMedia", {media: "screen", features: []});
            await open();
            const {wrong} = await evaluate(`(${measure})("light")`);
            for (const what of wrong.slice(0, 20))
                console.log(`${name}, ${width} pixels: ${what}`);
            bad += wrong.length;
        }
        await call("Emulation.clearDeviceMetricsOverride");
        await call("Emulation.setEmulatedMedia", {media: ""});
        await open(); // with its details folded
        const {data} = await call("Page.printToPDF", {...A4, printBackground: true});
        fs.writeFileSync(path.join(dir, `${name}.pdf`), Buffer.from(data, "base64"));
    }
    fs.writeFileSync(path.join(dir, "facts.json"), JSON.stringify(facts, null, 1) + "\n");
    return bad;
}

const [dir, ...rest] = process.argv.slice(2);
const against = rest[0] === "--against" ? rest[1] : null, pages = against ? rest.slice(2) : rest;
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "look-"));
const options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", `--user-data-dir=${profile}`, "--remote-debugging-pipe"];
const chromium = spawn(process.env.CHROMIUM || "chromium", [...options, "about:blank"],
    {stdio: ["ignore", "ignore", process.env.LOOK_DEBUG ? "inherit" : "ignore", "pipe", "pipe"]});
fs.mkdirSync(dir, {recursive: true});
chromium.on("error", (error) => { console.error(`chromium: ${error.message}`); process.exit(3); });
look(connect(chromium), dir, against, pages)
    .then((bad) => { process.exitCode = bad ? 1 : 0; })
    .catch((error) => { console.error(error.message); process.exitCode = 3; })
    .finally(() => {
        chromium.kill();
        chromium.on("exit", () => fs.rmSync(profile, {recursive: true, force: true, maxRetries: 50, retryDelay: 100}));
    });
