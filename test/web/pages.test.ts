import { createHash } from "node:crypto";
import { expect } from "chai";
import express from "express";
import type { Pool } from "pg";
import { createApi } from "../../backend/app.ts";
import { openPool } from "../../platform/database.ts";
import { createPages } from "../../web/pages/router.ts";
import { json, rawRequest } from "../backend/requests.ts";
import { BORROWER, c02Agreement, DESK, POOL, type Seed, seedC02 } from "../backend/seed.ts";
import { closeServer, listen, migratedDatabase, type TestDatabase } from "../backend/server.ts";

/** API and pages on one port, as `ahadi serve` mounts them. */
async function startSite(pool: Pool) {
  const app = express();
  app.use(createApi({ pool }));
  const { url, server } = await listen(app);
  app.use(createPages({ apiUrl: url }));
  return { url, close: () => closeServer(server) };
}

describe("the pages", () => {
  let database: TestDatabase;
  let pool: Pool;
  let site: Awaited<ReturnType<typeof startSite>>;
  let seed: Seed;
  let loanId: `0x${string}`;
  let canonical: string;

  const get = async (path: string) => {
    const { status, headers, text } = await rawRequest(site.url, path);
    return {
      status,
      headers,
      text,
      words: text
        .replace(/<style>.*?<\/style>/s, "")
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " "),
    };
  };

  before(async () => {
    database = await migratedDatabase();
    ({ seed, loanId, canonical } = await seedC02(database.url));
    pool = openPool(database.url, { role: "ahadi_backend", applicationName: "test", max: 4 });
    site = await startSite(pool);
  });

  after(async () => {
    await site.close();
    await pool.end();
    await seed.close();
    await database.drop();
  });

  beforeEach(() => seed.mine("2023-02-05"));

  it("say that there is nothing at other addresses, and only answer to reading", async () => {
    const wrong = [
      "/nope",
      "/loans",
      "/loans/",
      "/loans/0x12",
      `/loans/0x${"0".repeat(64)}`,
      `/pools/0x${"0".repeat(40)}`,
    ];
    wrong.push("/loans/%E0%A4%A", "/%E0%A4%A", `/loans/${loanId}/x`, "/pools/..%2f..%2fetc", "/?cursor=zzz");
    for (const path of wrong) {
      const { status, words, headers } = await get(path);
      expect(status, path).to.equal(404);
      expect(words, path).to.include("There is nothing here");
      expect(headers["content-type"]).to.equal("text/html; charset=utf-8");
    }
    const post = await rawRequest(site.url, "/", { method: "POST", headers: json, body: "{}" });
    expect([post.status, post.headers.allow]).to.deep.equal([405, "GET, HEAD"]);
  });

  it("show no markup that came from the chain or from a document", async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
    await seed.client.query("update chain.currency set symbol = $1", [hostile]);
    await seed.client.query("update chain.loan set language = $1", [hostile]);
    await seed.client.query(
      "insert into desk.terms_document (document_hash, canonical) select document_hash, $1 from chain.loan",
      [`{"a":"${hostile}"}`],
    );
    for (const path of ["/", `/loans/${loanId}`, `/pools/${POOL}`]) {
      const { status, text } = await get(path);
      expect(status, path).to.equal(200);
      expect(text, path).to.not.match(/<img|<script|onerror=alert\(1\)>/);
    }
    expect((await get(`/loans/${loanId}`)).words).to.include(
      "✗ Does not hold. The document is the one that was signed.",
    );
    await seed.client.query("update chain.currency set symbol = 'USDX'");
    await seed.client.query("update chain.loan set language = 'en'");
    await seed.client.query("truncate desk.terms_document");
  });

  it("need no script, load nothing else, and are small", async () => {
    for (const path of ["/", `/loans/${loanId}`, `/pools/${POOL}`, "/nope"]) {
      const { text, headers } = await get(path);
      expect(text, path).to.not.match(/<script|<iframe|<form|javascript:|\son\w+=|\sstyle=/i);
      expect(
        [...text.matchAll(/(?:src|<link[^>]*href)="([^"]+)"/g)].map(([, url]) => url?.slice(0, 5)),
      ).to.deep.equal(["data:"]);
      expect(text.length, path).to.be.lessThan(40_000);
      const style = text.match(/<style>(.*)<\/style>/s)?.[1] ?? "";
      const hash = createHash("sha256").update(style).digest("base64");
      expect(headers["content-security-policy"], path).to.include(`style-src 'sha256-${hash}'`);
      expect(headers["content-security-policy"]).to.match(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(headers, path).to.include({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      expect(headers, path).to.not.have.property("x-powered-by");
    }
  });

  it("are built so that everybody can read them", async () => {
    for (const path of ["/", `/loans/${loanId}`, `/pools/${POOL}`, "/nope"]) {
      const { text } = await get(path);
      expect(text, path).to.match(/^<!doctype html>\n<html lang="en">/);
      expect(text.match(/<h1/g), path).to.have.length(1);
      expect(text.match(/<main id="main">/g), path).to.have.length(1);
      expect(text, path).to.include('<a class="skip" href="#main">');
      expect(text.match(/<table/g)?.length ?? 0, path).to.equal(text.match(/<table><caption>/g)?.length ?? 0);
      for (const [heading] of text.matchAll(/<th(?!ead)[^>]*>/g)) expect(heading, path).to.include("scope=");
      for (const [drawing] of text.matchAll(/<svg[^>]*>/g))
        expect(drawing, path).to.match(/role="img" aria-label="[^"]+"/);
      const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size, path).to.equal(ids.length);
      for (const [, target] of text.matchAll(/aria-labelledby="([^"]+)"/g))
        expect(ids, path).to.include(target);
      const levels = [...text.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
      expect(
        levels.every((level, at) => at === 0 || level <= (levels[at - 1] ?? 0) + 1),
        `${path} ${levels}`,
      ).to.equal(true);
      for (const tag of [
        "section",
        "ul",
        "li",
        "dl",
        "table",
        "tr",
        "td",
        "p",
        "details",
        "figure",
        "span",
        "a",
      ]) {
        const opened = text.match(new RegExp(`<${tag}[ >]`, "g"))?.length ?? 0;
        expect(text.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0, `${path} <${tag}>`).to.equal(opened);
      }
    }
  });

  it("say on the first page what this is and list the loans and the pool", async () => {
    const { words, text } = await get("/");
    expect(words).to.include("A microloan is a promise.");
    expect(words).to.include("3 of 18 instalments paid. Next: 305.00 USDX on 1 March 2023 , in 24 days.");
    expect(text).to.include(`href="/loans/${loanId}"`).and.to.include(`href="/pools/${POOL}"`);
    expect(words).to.include("On time");
  });

  it("tell of a loan in plain words: who owes what, to whom, and what is next", async () => {
    const { words, text } = await get(`/loans/${loanId}`);
    expect(words).to.match(
      /0x7099…79C8 borrowed 5,000\.00 USDX on 1 November 2022 from 0x9fE4…a6e0 and promised to repay 5,488\.22 USDX in 18 instalments\. 3 instalments are paid\. The next one, 305\.00 USDX , is due on 1 March 2023 , in 24 days\./,
    );
    expect(words).to.include(
      "costs a penalty of 10 % a year on the overdue amount, counted by the day once an instalment is more than 3 days late",
    );
    expect(words).to.include("can never be more than 500.00 USDX");
    expect(words).to.include("only the interest up to the end of that day is owed");
    expect(text).to.include(BORROWER);
    expect(text.match(/<tr class="(paid|overdue|due|part_paid|scheduled)">/g)).to.have.length(18);
  });

  it("name for each payment its transaction, block and log", async () => {
    const { text } = await get(`/loans/${loanId}`);
    const { rows } = await seed.client.query(
      "select chain.hex(tx_hash) as tx, chain.hex(block_hash) as block, block_number, log_index from chain.payment",
    );
    expect(rows).to.have.length(3);
    for (const row of rows) {
      expect(text).to.include(row.tx).and.to.include(row.block);
      expect(text).to.include(`<dt>Block</dt><dd>${row.block_number}<br>`);
      expect(text).to.include(`<dt>Log index</dt><dd>${row.log_index}</dd>`);
    }
  });

  it("say what is overdue, since when, and what it costs", async () => {
    await seed.mine("2023-03-12");
    const { words } = await get(`/loans/${loanId}`);
    expect(words).to.include("11 days late");
    expect(words).to.include("Instalment 4 was due on 1 March 2023 , 11 days ago: 305.00 USDX is overdue.");
    expect(words).to.include("To pay today 305.67 USDX with 0.67 USDX penalty");
    expect((await get("/")).words).to.include("Unpaid since 1 March 2023 : 305.00 USDX .");
    await seed.client.query("update chain.checkpoint set block_time = $1", [Date.UTC(2023, 1, 5, 9) / 1000]);
  });

  it("recompute what they show: the id from the terms, the document from its hash", async () => {
    await rawRequest(site.url, `/v1/loans/${loanId}/terms`, {
      method: "PUT",
      headers: json,
      body: canonical,
    });
    const { words, text } = await get(`/loans/${loanId}`);
    expect(words).to.include("✓ Holds. The id is the terms.");
    expect(words).to.include("✓ Holds. The plan adds up.");
    expect(words).to.include("✓ Holds. The document is the one that was signed.");
    expect(text).to.include(`href="/v1/loans/${loanId}/terms"`);
    for (const tamper of [
      "principal = principal + 1",
      "penalty_rate_bps = 1001",
      "utc_offset_s = 7200",
      "language = 'sw'",
    ]) {
      await seed.client.query("create table chain.kept as select * from chain.loan");
      await seed.client.query(`update chain.loan set ${tamper}`);
      expect((await get(`/loans/${loanId}`)).words, tamper).to.include(
        "✗ Does not hold. The id is the terms.",
      );
      await seed.client.query(
        "update chain.loan l set principal = k.principal, penalty_rate_bps = k.penalty_rate_bps, utc_offset_s = k.utc_offset_s, language = k.language from chain.kept k where k.loan_id = l.loan_id",
      );
      await seed.client.query("drop table chain.kept");
    }
  });

  it("quote nothing and say so when the payments do not replay", async () => {
    await seed.client.query("update chain.payment set interest_total = interest_total + 1 where nr = 3");
    const { words } = await get(`/loans/${loanId}`);
    expect(words).to.include("The payments do not replay.");
    expect(words).to.include("To close it today not known");
    await seed.client.query("update chain.payment set interest_total = interest_total - 1 where nr = 3");
  });

  it("compare a pool's books with what its loans owe", async () => {
    expect((await get(`/pools/${POOL}`)).words).to.include("The loans do not add up.");
    expect((await get(`/pools/${POOL}`)).words).to.include("In the pool not known");
    await seed.books({ cash: 5_915_660_000n, outstanding: 4_227_320_000n, interest: 142_980_000n });
    await seed.quote(142_980_000n, 0n, 3_000_000n);
    const { words } = await get(`/pools/${POOL}`);
    expect(words).to.include("The loans add up.");
    expect(words).to.include("In the pool 10,142.98 USDX").and.to.include("One share 1.01429799 USDX");
    expect(words).to.include("One share, leaving 1.01399799 USDX");
  });

  it("warn while the mirror is behind, and go on showing what is there", async () => {
    await seed.client.query("update chain.checkpoint set head_number = block_number + 40");
    for (const path of ["/", `/loans/${loanId}`, `/pools/${POOL}`]) {
      const { status, words } = await get(path);
      expect(status, path).to.equal(200);
      expect(words, path).to.include("Catching up. The mirror is 40 blocks behind the chain.");
    }
    await seed.mine("2023-02-05");
    expect((await get("/")).words).to.not.include("Catching up.");
  });

  it("lead through older loans page by page", async () => {
    for (let nr = 1; nr <= 22; nr++) await seed.originate(c02Agreement(nr).agreement);
    const first = await get("/");
    expect(first.text.match(/<li class="card">/g)).to.have.length(20);
    const older = first.text.match(/href="(\/\?cursor=[^"]+)"/)?.[1] ?? "";
    const second = await get(older);
    expect(second.text.match(/<li class="card">/g)).to.have.length(3);
    expect(second.text).to.include(`href="/loans/${loanId}"`).and.to.not.include("?cursor=");
  });

  it("answer 304 to a reader who has the page", async () => {
    const { headers } = await get(`/pools/${POOL}`);
    const again = await rawRequest(site.url, `/pools/${POOL}`, {
      headers: { "If-None-Match": String(headers.etag) },
    });
    expect([again.status, again.text]).to.deep.equal([304, ""]);
  });

  it("tell of every turn that a loan can take", async () => {
    const turn = async (
      nr: number,
      payee: typeof BORROWER | typeof DESK,
      go: (turning: Turning) => Promise<void>,
    ) => {
      const { agreement } = c02Agreement(nr, BORROWER, payee);
      await seed.mine("2022-11-01");
      const id = await seed.originate(agreement);
      await go({ agreement, id });
      const { words } = await get(`/loans/${id}`);
      expect(words).to.include("✓ Holds. The id is the terms.").and.include("✓ Holds. The plan adds up.");
      return words;
    };
    type Turning = { agreement: ReturnType<typeof c02Agreement>["agreement"]; id: `0x${string}` };
    const funded = await turn(101, DESK, async () => {});
    expect(funded).to.include("Waiting for the borrower’s receipt").and.include("Through the desk");
    expect(funded).to.not.include("To pay today");
    const cancelled = await turn(102, DESK, ({ agreement, id }) =>
      seed.cancel(agreement, id, "2022-11-02", "cancelled"),
    );
    expect(cancelled).to.include("It was never paid out: on 2 November 2022 the money went back");
    const returned = await turn(103, BORROWER, ({ agreement, id }) =>
      seed.cancel(agreement, id, "2022-11-02", "returned"),
    );
    expect(returned).to.include("She gave the money back on 2 November 2022");
    const reversed = await turn(104, BORROWER, async ({ agreement, id }) => {
      await seed.repay(agreement, id, [{ on: "2022-12-01", amount: 30_500n, recorder: DESK }]);
      await seed.reverse(id, DESK, "2022-12-02");
    });
    expect(reversed).to.include("Taken back on 2 Dec 2022").and.include("Paid so far 0.00 USDX");
    const restructured = await turn(105, BORROWER, async ({ agreement, id }) => {
      await seed.repay(agreement, id, [{ on: "2022-12-20", amount: 20_000n }]);
      await seed.restructure(id, "2023-02-10", 10, 5_000n);
    });
    expect(restructured).to.match(
      /On 10 Feb 2023 borrower and lender replaced the plan before by version 2\./,
    );
    expect(restructured).to.include("50.00 USDX of what was unpaid became principal.");
    expect(restructured).to.include("The loan counts as late since 1 December 2022 until three instalments");
    expect(restructured).to.include("Paid so far 200.00 USDX");
    const givenUp = await turn(106, BORROWER, async ({ id }) => {
      await seed.mine("2023-09-01");
      await seed.writeOff(id, "2023-09-01");
    });
    expect(givenUp).to.include("Written off").and.include("The lender gave it up on 1 September 2023");
    const home = (await get("/")).words;
    for (const tag of ["Waiting for the receipt", "Cancelled", "Written off"]) expect(home).to.include(tag);
  });

  it("stay calm when the API is away or answers nonsense", async () => {
    const nonsense = express();
    nonsense.get("/readyz", (_request, response) => void response.json({ status: "ready" }));
    nonsense.use((_request, response) => void response.json({ data: [{ id: "<script>" }] }));
    const other = await listen(nonsense);
    const app = express();
    app.use("/nonsense", createPages({ apiUrl: other.url }));
    app.use("/away", createPages({ apiUrl: "http://127.0.0.1:1" }));
    const { url, server } = await listen(app);
    for (const path of ["/nonsense/", `/nonsense/loans/${loanId}`, "/away/", `/away/pools/${POOL}`]) {
      const { status, text } = await rawRequest(url, path);
      expect(status, path).to.equal(503);
      expect(text, path)
        .to.include("The books cannot be read right now.")
        .and.to.not.match(/script>|\.ts\b/);
    }
    await closeServer(server);
    await closeServer(other.server);
  });
});

/** WCAG 2.2 contrast of two colours written as #rrggbb or #rgb. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const full = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/gi, "$&$&") : colour;
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

describe("the colours of the pages", () => {
  it("have the contrast that WCAG AA asks for, by day and by night", async () => {
    const { readFile } = await import("node:fs/promises");
    const sheet = await readFile(new URL("../../web/pages/style.css", import.meta.url), "utf8");
    const themes = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(([, rules = ""]) =>
      Object.fromEntries(
        [...rules.matchAll(/--([\w-]+): (#[0-9a-f]+);/g)].map(([, name, colour]) => [name, colour]),
      ),
    );
    expect(themes).to.have.length(2);
    const pairs = [
      "ink paper",
      "ink card",
      "soft paper",
      "soft card",
      "green paper",
      "green card",
      "green green-wash",
    ];
    pairs.push("red red-wash", "amber amber-wash", "ink amber-wash", "ink red-wash", "soft red-wash");
    for (const theme of themes) {
      for (const pair of pairs) {
        const [text = "", ground = ""] = pair.split(" ").map((name) => theme[name]);
        expect(contrast(text, ground), `${pair}: ${text} on ${ground}`).to.be.at.least(4.5);
      }
      for (const drawn of ["green", "red", "amber"]) {
        expect(contrast(theme[drawn] ?? "", theme.paper ?? ""), drawn).to.be.at.least(3);
      }
    }
  });
});
