import { stderr } from "node:process";

/** A terminal that was closed must not take the process down before it has stopped its children in order. */
stderr.on("error", () => {});

/** The supervisor sets it for the processes whose output goes to a file, where a line without its time is of little use. */
const stamped = process.env.AHADI_LOG_TIME === "1";

function write(prefix: string, message: string): void {
  const time = stamped ? `${new Date().toISOString()} ` : "";
  stderr.write(`${time}${prefix}${message}\n`);
}

/** Everything for people goes to standard error, so that standard output can be JSON alone. */
export const log = {
  info: (message: string): void => write("", message),
  warn: (message: string): void => write("warning: ", message),
  error: (message: string): void => write("error: ", message),
};

const BAR_WIDTH = 24;
const BAR_INTERVAL_MS = 80;
const LINE_INTERVAL_MS = 2_000;

/** Progress of long work: a bar on a terminal, otherwise plain lines, at most one in two seconds. */
export function progress(
  label: string,
  total: number,
): { update(done: number, note?: string): void; end(): void } {
  const onTerminal = stderr.isTTY === true && !stamped;
  const interval = onTerminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
  let shownAt = onTerminal ? 0 : Date.now();
  let current = { done: 0, note: "" };
  let shown: typeof current | undefined;

  const show = (): void => {
    const { done, note } = current;
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const figures = `${done}/${total}${note === "" ? "" : ` ${note}`}`;
    if (onTerminal) {
      const filled = Math.round(share * BAR_WIDTH);
      stderr.write(`\r\x1b[K${label} [${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${figures}`);
    } else {
      write("", `${label} ${Math.floor(share * 100)} % ${figures}`);
    }
    shown = current;
    shownAt = Date.now();
  };

  return {
    update(done, note = "") {
      current = { done, note };
      if (Date.now() - shownAt >= interval) show();
    },
    end() {
      if (shown !== current) show();
      if (onTerminal) stderr.write("\n");
    },
  };
}
