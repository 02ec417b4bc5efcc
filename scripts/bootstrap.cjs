/**
 * Every npm script runs through this file: `node scripts/bootstrap.cjs <command> <arguments...>`.
 *
 * It makes node_modules complete, under the Node that package.json pins and whatever Node the machine has, and then runs
 * the command with node_modules/.bin first in PATH. Plain JavaScript for any Node, with no dependencies, since there may
 * be none yet. All it says goes to standard error: standard output belongs to the command.
 *
 * Signals are passed on, and it ends only after the command has ended, so that Ctrl-C under npm is orderly.
 */
const { spawn } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const root = path.dirname(__dirname);
const nodeModules = path.join(root, "node_modules");
const stampFile = path.join(nodeModules, ".ahadi-install");
const lockDir = path.join(root, ".ahadi", "install.lock");

const LOCK_POLL_MS = 200;
/** A lock without an owner's name was left by a process that ended between two steps. */
const NAMELESS_LOCK_MS = 5000;
const PARENT_POLL_MS = 250;

/** A reader or a terminal that went away must not end us before the command. */
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

/** The process that gets our signals now. */
let current;
/** The signal that asked us to stop. */
let stoppedBy;

function say(text) {
  process.stderr.write(`ahadi: ${text}\n`);
}

/** What node_modules must have been made from: the lock file, and this machine's kind. */
function wantedStamp() {
  const hash = crypto.createHash("sha256");
  hash.update(fs.readFileSync(path.join(root, "package-lock.json")));
  hash.update(`${process.platform}-${process.arch}`);
  return hash.digest("hex");
}

function isInstalled() {
  try {
    return fs.readFileSync(stampFile, "utf8") === wantedStamp();
  } catch {
    return false;
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function isStale(now) {
  try {
    return !isAlive(Number(fs.readFileSync(path.join(lockDir, "pid"), "utf8")));
  } catch {
    try {
      return now - fs.statSync(lockDir).mtimeMs > NAMELESS_LOCK_MS;
    } catch {
      return false;
    }
  }
}

/** Making a folder either works or finds it there: that is the lock. True when it is ours now. */
function tryLock() {
  fs.mkdirSync(path.dirname(lockDir), { recursive: true });
  try {
    fs.mkdirSync(lockDir);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isStale(Date.now())) return false;
    try {
      // Of several who see the same leftover only one can rename it, and nobody can remove a fresh lock by mistake.
      fs.renameSync(lockDir, `${lockDir}.${process.pid}`);
      fs.rmSync(`${lockDir}.${process.pid}`, { recursive: true, force: true });
    } catch {
      // Somebody else was quicker.
    }
    return false;
  }
  fs.writeFileSync(path.join(lockDir, "pid"), String(process.pid));
  return true;
}

function unlock() {
  fs.rmSync(lockDir, { recursive: true, force: true });
}

async function ensureInstalled() {
  if (isInstalled()) return 0;
  let told = false;
  while (!tryLock()) {
    if (stoppedBy) return exitCodeOf(null, stoppedBy);
    if (!told) say("waiting for another installation in this folder to end");
    told = true;
    await pause(LOCK_POLL_MS);
  }
  try {
    return isInstalled() ? 0 : await install();
  } finally {
    unlock();
  }
}

async function install() {
  const started = Date.now();
  const pinned = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).dependencies.node;
  say(`installing what is missing, under Node ${pinned}`);
  fs.rmSync(stampFile, { force: true });
  // Native parts are chosen by the Node that installs, so it must be the one that will run.
  const sameMajor = process.versions.node.split(".")[0] === pinned.split(".")[0];
  // Under npm that may be the very Node that the installation is about to replace.
  const stays = !process.execPath.startsWith(nodeModules + path.sep);
  const command =
    sameMajor && stays ? ["npm", "ci"] : ["npx", "-y", "-p", `node@${pinned}`, "--", "npm", "ci"];
  const code = await run(command, { cwd: root, stdio: ["ignore", 2, 2], env: installEnvironment() });
  if (stoppedBy) return code || exitCodeOf(null, stoppedBy);
  if (code === 127) say(`cannot install: ${command[0]} is not on the PATH (install npm beside Node)`);
  else if (code !== 0) say(`the installation failed: ${command.join(" ")} ended with code ${code}`);
  if (code !== 0) return code;
  fs.writeFileSync(stampFile, wantedStamp());
  say(`installed in ${Math.round((Date.now() - started) / 1000)} s`);
  return 0;
}

/** What npm was told for the outer command (silent, json, a workspace) is not meant for the installation. */
function installEnvironment() {
  const env = { ...process.env };
  for (const name of [
    "loglevel",
    "json",
    "global",
    "omit",
    "include",
    "production",
    "dry_run",
    "ignore_scripts",
  ]) {
    delete env[`npm_config_${name}`];
  }
  if (env.NODE_ENV === "production") delete env.NODE_ENV;
  return env;
}

function exitCodeOf(code, signal) {
  return signal ? 128 + (os.constants.signals[signal] || 0) : code;
}

/** Runs a command to its end and gives its exit code as a shell would. */
function run(argv, options) {
  return new Promise((resolve) => {
    current = spawn(argv[0], argv.slice(1), options);
    current.once("error", (error) => {
      if (error.code !== "ENOENT") say(`${argv[0]} cannot be run: ${error.message}`);
      resolve(127);
    });
    current.once("exit", (code, signal) => resolve(exitCodeOf(code, signal)));
    if (stoppedBy) current.kill(stoppedBy);
  });
}

function onSignal(signal) {
  // A terminal sends Ctrl-C to everybody in its foreground group: passing it on would count it twice.
  const seenByAll = signal === "SIGINT" && process.stdin.isTTY;
  stoppedBy = signal;
  if (current && !seenByAll) current.kill(signal);
}

/**
 * npm passes SIGTERM to the shell between us, which dies of it and tells nobody; a killed npm tells nobody either.
 * When we are started by npm and the parent goes away, that is our signal to stop.
 */
function watchParent() {
  if (!process.env.npm_lifecycle_event) return;
  const parents = ancestors();
  const timer = setInterval(() => {
    if (process.ppid === parents[0] && parents.every(isAlive)) return;
    clearInterval(timer);
    onSignal("SIGTERM");
  }, PARENT_POLL_MS);
  timer.unref();
}

/** Our parent, and npm when a shell stands between (only where /proc tells). */
function ancestors() {
  const found = [process.ppid];
  try {
    const line = fs.readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const isShell = /^\d+ \((sh|dash|bash|ash|zsh)\)/.test(line);
    if (isShell) found.push(Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]));
  } catch {
    // No /proc: the parent alone.
  }
  return found;
}

async function main(argv) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  watchParent();
  const installed = await ensureInstalled();
  if (installed !== 0) return installed;
  if (stoppedBy) return exitCodeOf(null, stoppedBy);
  const env = { ...process.env, AHADI_PARENT_PID: String(process.pid) };
  env.PATH = [path.join(nodeModules, ".bin"), process.env.PATH].filter(Boolean).join(path.delimiter);
  const code = await run(argv, { stdio: "inherit", env });
  if (code === 127) say(`there is no command ${argv[0]}`);
  return code;
}

function start(argv) {
  if (argv.length === 0) {
    say("usage: node scripts/bootstrap.cjs <command> <arguments...>");
    process.exitCode = 2;
    return;
  }
  main(argv).then(
    (code) => process.exit(code),
    (error) => {
      say(error.message);
      process.exit(1);
    },
  );
}

module.exports = { start, stampFile, wantedStamp };
if (require.main === module) start(process.argv.slice(2));
