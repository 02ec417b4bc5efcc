import { civilOfDay, type Day, dayOfCivil, daysInMonth } from "../../lending/calendar.ts";
import { formatMoney, largerOf } from "../../lending/money.ts";

/** An instalment to draw; amounts are minor units. */
export interface DrawnRow {
  due: Day;
  /** The day on which it would be due if that were a working day. */
  movedFrom?: Day | undefined;
  principal: bigint;
  interest: bigint;
}

/** A schedule to draw. `isWorkingDay` greys the days on which nobody works. */
export interface DrawnSchedule {
  title: string;
  currency: { symbol: string; decimals: number };
  disbursement: { day: Day; amount: bigint };
  /** In the order of their due days. */
  rows: readonly DrawnRow[];
  isWorkingDay: (day: Day) => boolean;
}

/** Sizes in user units; narrow, so that a phone shows them nearly one to one. */
const WIDTH = 424;
const MARGIN = 14;
const CELL = 25;
const NOTES_X = MARGIN + 7 * CELL + 18;
const NOTES_WIDTH = WIDTH - MARGIN - NOTES_X;
const HEAD_HEIGHT = 84;
const MONTH_HEIGHT = 30;
const WEEK_HEIGHT = 20;
const NOTE_HEIGHT = 48;

const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** Light first; a viewer who prefers dark gets the second set. */
const STYLE = `
    :root { --paper: #fff; --ink: #222; --faint: #767676; --band: #f1f3f5; --principal: #2f6690; --interest: #d98032; --on: #fff }
    @media (prefers-color-scheme: dark) { :root { --paper: #16191d; --ink: #e6e6e6; --faint: #8b949e; --band: #23282e; --principal: #7db4dd; --interest: #eda35f; --on: #101214 } }
    text { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums }
    .d { text-anchor: middle } .f { fill: var(--faint) } .s { font-size: 11px } .r { text-anchor: end } .b { font-weight: 600 } .h { font-size: 15px }
    .w { fill: var(--band) } .p { fill: var(--principal) } .i { fill: var(--interest) } .o { fill: var(--on); font-weight: 600 }
    .ring { fill: none; stroke: var(--principal); stroke-width: 1.5 } .out { fill: none; stroke: var(--ink); stroke-width: 1.5 }
    .dash { stroke-dasharray: 3 2 } .tip { fill: var(--principal) }`;

/** A week of one month's sheet: its days by weekday (0 = Monday), and what happens in it. */
interface Week {
  days: (Day | undefined)[];
  notes: Note[];
  top: number;
  height: number;
}

type Note = { day: Day; row?: DrawnRow };

interface Sheet {
  title: string;
  top: number;
  weeks: Week[];
}

/**
 * Draws a schedule as sheets of a calendar, one month under the other: the day of the disbursement framed, due days
 * filled, beside each week what is due in it, split into principal and interest.
 *
 *      Mo Tu We Th Fr Sa Su
 *      27 28[29]             29 Feb         107.02
 *                            ==============---
 *
 * Weeks before the disbursement and after the last due day are left out. Returns a complete SVG document.
 */
export function drawCalendar(schedule: DrawnSchedule): string {
  const sheets = sheetsOf(schedule);
  const height = bottomOf(sheets) + MARGIN;
  const parts = [
    head(schedule),
    ...sheets.map((sheet) => drawSheet(schedule, sheet)),
    ...schedule.rows.map((row) => drawMove(sheets, row)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif">
  <title id="t">${schedule.title}</title>
  <desc id="d">${describe(schedule)}</desc>
  <style>${STYLE}
  </style>
  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>
  <rect width="${WIDTH}" height="${height}" rx="8" style="fill: var(--paper)"/>
${parts.filter((part) => part !== "").join("\n")}
</svg>
`;
}

/** The same in words, for those who cannot see it. */
function describe({ disbursement, rows, currency }: DrawnSchedule): string {
  const money = moneyIn(currency.decimals);
  const lines = rows.map(({ due, movedFrom, principal, interest }) => {
    const moved = movedFrom === undefined ? "" : `, moved from ${dateText(movedFrom)}`;
    return `${dateText(due)}${moved}: ${money(principal + interest)}, of which ${money(principal)} principal and ${money(interest)} interest.`;
  });
  const paidOut = `${currency.symbol} ${money(disbursement.amount)} paid out on ${dateText(disbursement.day)}.`;
  return [paidOut, ...lines].join(" ");
}

function sheetsOf({ disbursement, rows }: DrawnSchedule): Sheet[] {
  const last = rows.at(-1)?.due ?? disbursement.day;
  const notes: Note[] = [{ day: disbursement.day }, ...rows.map((row) => ({ day: row.due, row }))];
  const sheets: Sheet[] = [];
  let { year, month } = civilOfDay(disbursement.day);
  for (let top = HEAD_HEIGHT; dayOfCivil({ year, month, dayOfMonth: 1 }) <= last; ) {
    const days = weeksOf(year, month).filter((week) =>
      week.some((day) => isBetween(day, disbursement.day, last)),
    );
    const weeks: Week[] = [];
    for (const week of days) {
      const own = notes.filter(({ day }) => week.includes(day));
      const height = Math.max(WEEK_HEIGHT, NOTE_HEIGHT * own.length);
      weeks.push({ days: week, notes: own, top: bottomOf([{ weeks }], top + MONTH_HEIGHT), height });
    }
    sheets.push({ title: `${MONTHS[month - 1]} ${year}`, top, weeks });
    top = bottomOf(sheets);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
  return sheets;
}

function isBetween(day: Day | undefined, first: Day, last: Day): boolean {
  return day !== undefined && day >= startOfWeek(first) && day <= startOfWeek(last) + 6;
}

function startOfWeek(day: Day): Day {
  return day - weekdayOf(day);
}

/** 0 = Monday; 1970-01-01 was a Thursday. */
function weekdayOf(day: Day): number {
  return (day + 3) % 7;
}

function weeksOf(year: number, month: number): (Day | undefined)[][] {
  const first = dayOfCivil({ year, month, dayOfMonth: 1 });
  const last = first + daysInMonth(year, month) - 1;
  const weeks: (Day | undefined)[][] = [];
  for (let monday = startOfWeek(first); monday <= last; monday += 7) {
    const week = WEEKDAYS.map((_name, index) => monday + index);
    weeks.push(week.map((day) => (day >= first && day <= last ? day : undefined)));
  }
  return weeks;
}

function bottomOf(sheets: readonly Pick<Sheet, "weeks">[], start = HEAD_HEIGHT): number {
  const last = sheets.at(-1)?.weeks.at(-1);
  return last === undefined ? start : last.top + last.height;
}

function head({ title, rows }: DrawnSchedule): string {
  const y = 47;
  const moved = rows.some(({ movedFrom }) => movedFrom !== undefined);
  return [
    text(MARGIN, 27, "b h", title),
    `<rect class="out" x="${MARGIN}" y="${y - 10}" width="12" height="12" rx="2"/>${text(MARGIN + 17, y, "s", "paid out")}`,
    `<rect class="p" x="${MARGIN + 76}" y="${y - 10}" width="12" height="12" rx="2"/>${text(MARGIN + 93, y, "s", "principal")}`,
    `<rect class="i" x="${MARGIN + 155}" y="${y - 10}" width="12" height="12" rx="2"/>${text(MARGIN + 172, y, "s", "interest")}`,
    moved
      ? `<circle class="ring dash" cx="${MARGIN + 239}" cy="${y - 4}" r="7"/>${text(MARGIN + 252, y, "s", "due, but no working day")}`
      : "",
    ...WEEKDAYS.map((name, index) => text(centreOf(index), 76, "d s f", name)),
  ].join("");
}

function drawSheet(schedule: DrawnSchedule, { title, top, weeks }: Sheet): string {
  return [text(MARGIN, top + 20, "b", title), ...weeks.map((week) => drawWeek(schedule, week))].join("\n");
}

function drawWeek(schedule: DrawnSchedule, week: Week): string {
  const band = `<rect class="w" x="${MARGIN - 4}" y="${week.top + 1}" width="${WIDTH - 2 * MARGIN + 8}" height="${week.height - 2}" rx="4"/>`;
  const days = week.days.map((day) => (day === undefined ? "" : drawDay(schedule, week, day)));
  const notes = week.notes.map((note, index) => drawNote(schedule, note, week.top + index * NOTE_HEIGHT));
  return [week.notes.length === 0 ? "" : band, ...days, ...notes].join("");
}

function drawDay({ disbursement, rows, isWorkingDay }: DrawnSchedule, week: Week, day: Day): string {
  const [x, y] = [centreOf(weekdayOf(day)), middleOf(week)];
  const number = String(civilOfDay(day).dayOfMonth);
  if (rows.some(({ due }) => due === day)) {
    return `<rect class="p" x="${x - 11}" y="${y - 10}" width="22" height="20" rx="4"/>${text(x, y + 4, "d o", number)}`;
  }
  const label = text(x, y + 4, isWorkingDay(day) ? "d" : "d f", number);
  if (day === disbursement.day)
    return `<rect class="out" x="${x - 11}" y="${y - 10}" width="22" height="20" rx="4"/>${label}`;
  const isMoved = rows.some(({ movedFrom }) => movedFrom === day);
  return isMoved ? `<circle class="ring dash" cx="${x}" cy="${y}" r="10"/>${label}` : label;
}

/** What happens on a day: date and amount, the bar, and the two parts in figures. */
function drawNote({ rows, currency, disbursement }: DrawnSchedule, { day, row }: Note, top: number): string {
  const money = moneyIn(currency.decimals);
  const right = NOTES_X + NOTES_WIDTH;
  if (row === undefined) {
    const amount = `${currency.symbol} ${money(disbursement.amount)}`;
    return text(NOTES_X, top + 28, "", `${dateText(day)}, paid out`) + text(right, top + 28, "r b", amount);
  }
  const { principal, interest, movedFrom } = row;
  const most = rows.reduce((max, one) => largerOf(max, total(one)), 1n);
  const width = (amount: bigint) => Number((amount * BigInt(NOTES_WIDTH) * 10n) / most) / 10;
  const date = movedFrom === undefined ? dateText(day) : `${dateText(day)}, not ${dateText(movedFrom)}`;
  return [
    text(NOTES_X, top + 16, "", date),
    text(right, top + 16, "r b", money(total(row))),
    bar("p", NOTES_X, top + 21, width(principal)),
    bar("i", NOTES_X + width(principal), top + 21, width(interest)),
    text(NOTES_X, top + 40, "s f", `${money(principal)} principal + ${money(interest)} interest`),
  ].join("");
}

function bar(kind: "p" | "i", x: number, y: number, width: number): string {
  return width === 0 ? "" : `<rect class="${kind}" x="${round(x)}" y="${y}" width="${width}" height="8"/>`;
}

/** From the day that was no working day to the one on which the instalment is due. */
function drawMove(sheets: readonly Sheet[], { due, movedFrom }: DrawnRow): string {
  const weeks = sheets.flatMap((sheet) => sheet.weeks);
  const [origin, target] = [movedFrom, due].map((day) =>
    weeks.find((week) => day !== undefined && week.days.includes(day)),
  );
  if (movedFrom === undefined || origin === undefined || target === undefined) return "";
  const [x, to] = [centreOf(weekdayOf(movedFrom)), centreOf(weekdayOf(due))];
  if (origin === target) {
    const side = Math.sign(to - x);
    return arrow(`M${x + side * 10} ${middleOf(origin)}H${to - side * 12}`);
  }
  const side = Math.sign(target.top - origin.top);
  const turn = side > 0 ? target.top : target.top + target.height;
  return arrow(`M${x} ${middleOf(origin) + side * 10}V${turn}H${to}V${middleOf(target) - side * 11}`);
}

function arrow(path: string): string {
  return `<path class="ring" d="${path}" marker-end="url(#tip)"/>`;
}

function total({ principal, interest }: DrawnRow): bigint {
  return principal + interest;
}

function centreOf(weekday: number): number {
  return MARGIN + weekday * CELL + CELL / 2;
}

function middleOf({ top, height }: Week): number {
  return top + height / 2;
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text${kind === "" ? "" : ` class="${kind}"`} x="${x}" y="${y}">${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** "29 Feb". */
function dateText(day: Day): string {
  const { month, dayOfMonth } = civilOfDay(day);
  return `${dayOfMonth} ${MONTHS[month - 1]?.slice(0, 3)}`;
}

/** Major units with commas between thousands. */
function moneyIn(decimals: number): (amount: bigint) => string {
  return (amount) => formatMoney(amount, decimals).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}
