import type { Instalment } from "./api.ts";
import { type Html, html } from "./html.ts";

/* Small drawings, as SVG with classes: the sheet colours them, also in the dark. Each has a text beside it. */

/** A bar that is filled as far as `done` of `total`. */
export function meter(done: number, total: number, label: string): Html {
  const width = total === 0 ? 0 : Math.round((1000 * done) / total) / 10;
  return html`<svg class="meter" role="img" aria-label="${label}" viewBox="0 0 100 4" preserveAspectRatio="none">
<rect class="fill-axis" width="100" height="4"></rect><rect class="fill-paid" width="${width}" height="4"></rect></svg>`;
}

const HEIGHT = 72;
const WIDTH = 360;
const fills: Record<Instalment["state"], string> = {
  paid: "fill-paid",
  part_paid: "fill-rest",
  overdue: "fill-overdue",
  due: "fill-due",
  scheduled: "fill-rest",
};

/**
 * One column an instalment, as high as its amount, with the interest in a lighter shade on top of the principal;
 * what was paid of a part-paid one stands at its foot.
 */
export function scheduleDrawing(schedule: readonly Instalment[], label: string): Html {
  let highest = 1n;
  for (const { total } of schedule) if (total > highest) highest = total;
  const step = WIDTH / schedule.length;
  const width = (step - Math.min(4, step * 0.25)).toFixed(2);
  const heightOf = (part: bigint) =>
    part === 0n ? 0 : Math.max(1, Number((part * BigInt(HEIGHT * 10)) / highest) / 10);
  const columns = schedule.map((row, at) => {
    const x = (at * step).toFixed(2);
    const box = (fill: string, top: number, height: number) =>
      height > 0 &&
      html`<rect class="${fill}" x="${x}" y="${top.toFixed(1)}" width="${width}" height="${height.toFixed(1)}"></rect>`;
    const [total, light] = [heightOf(row.total), heightOf(row.interest + row.fee)];
    const paid = row.state === "paid" ? 0 : heightOf(row.total - row.unpaid);
    return [
      box(fills[row.state], HEIGHT - total, total),
      box("fill-paid", HEIGHT - paid, paid),
      box("fill-light", HEIGHT - total, light),
    ];
  });
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT + 3}">
<rect class="fill-axis" y="${HEIGHT + 1}" width="${WIDTH}" height="1"></rect>${columns}</svg>`;
}
