// Run the scripts of an HTML report without a browser and print the chart as SVG.
const fs = require("fs");
const vm = require("vm");

const html = fs.readFileSync(process.argv[2], "utf8");
const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map((match) => match[1]);
const headless = scripts[scripts.length - 1].replace(/\{renderer[^]*?\}\)\.runAsync\(\);/,
    '{renderer: "none"}).toSVG().then((svg) => console.log(svg));');
const context = vm.createContext({console});
for (const script of [...scripts.slice(0, -1), headless])
    vm.runInContext(script, context);
