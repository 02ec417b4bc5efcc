#!/usr/bin/env node
/** The command `ahadi` on the PATH: it bootstraps itself like every npm script. */
const path = require("node:path");
const { start } = require("./bootstrap.cjs");

start(["node", path.join(__dirname, "ahadi.ts"), ...process.argv.slice(2)]);
