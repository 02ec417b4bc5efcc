import { expect } from "chai";
import { decodeCursor, encodeCursor } from "../../backend/cursor.ts";
import { loanListBody } from "../../backend/modules/loans/schema.ts";
import { BORROWER, c02Agreement, Seed } from "./seed.ts";
import { migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

const OTHER = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";

describe("GET /v1/loans", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;
  /** Newest first, as the list must have them. */
  let ids: string[];

  const originate = async (nr: number, borrower = nr % 2 === 0 ? BORROWER : OTHER) => {
    const { agreement } = c02Agreement(nr, borrower as `0x${string}`);
    return { agreement, id: await seed.originate(agreement) };
  };

  /** Follows next_cursor to the end; `between` runs after each page. */
  const walk = async (
    query: Record<string, string>,
    between: (page: number) => Promise<void> = async () => {},
  ) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    let page = 0;
    do {
      const parameters = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) });
      const response = await server.get(`/v1/loans?${parameters}`);
      const body = loanListBody.parse(await response.json());
      const next = response.headers.get("link");
      if (body.next_cursor === null) expect(next).to.equal(null);
      else {
        const path = next?.match(/^<([^>]+)>; rel="next"$/)?.[1] ?? "";
        const linked = loanListBody.parse(await (await server.get(path)).json());
        expect(linked.data.length).to.be.greaterThan(0);
        expect(new URLSearchParams(path.split("?")[1]).get("cursor")).to.equal(body.next_cursor);
      }
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.next_cursor;
      await between(page++);
    } while (cursor !== null);
    return { seen, pages: page };
  };

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
    seed = await new Seed(database.url).open();
    await seed.institution();
    ids = [];
    for (let nr = 0; nr < 11; nr++) {
      // Several loans to a block: the order inside it is that of their logs.
      if (nr % 3 === 0) await seed.mine("2022-11-01");
      ids.unshift((await originate(nr)).id);
    }
  });

  after(async () => {
    await seed.close();
    await server.close();
    await database.drop();
  });

  it("is empty, and not an error, for a borrower without loans", async () => {
    const body = await (await server.get(`/v1/loans?borrower=0x${"0".repeat(40)}`)).json();
    expect(body).to.deep.equal({ data: [], next_cursor: null });
  });

  for (const limit of [1, 2, 3, 5, 10, 11, 100]) {
    it(`has every loan once, newest first, on pages of ${limit}`, async () => {
      const { seen, pages } = await walk({ limit: String(limit) });
      expect(seen).to.deep.equal(ids);
      expect(pages).to.equal(Math.ceil(ids.length / limit));
    });
  }

  it("filters by borrower in any letter case, and pages inside the filter", async () => {
    const { seen } = await walk({ limit: "2", borrower: OTHER.toLowerCase() });
    expect(seen).to.deep.equal(ids.filter((_, at) => (ids.length - 1 - at) % 2 === 1));
    expect((await walk({ borrower: `0x${OTHER.slice(2).toUpperCase()}` })).seen).to.deep.equal(seen);
  });

  it("filters by state, alone and with a borrower", async () => {
    const { agreement, id } = await originate(50, OTHER);
    ids.unshift(id);
    await seed.repay(agreement, id as `0x${string}`, [{ on: "2022-11-20", amount: 600_000n }]);
    expect((await walk({ state: "closed" })).seen).to.deep.equal([id]);
    expect((await walk({ state: "active", limit: "4" })).seen).to.deep.equal(ids.filter((one) => one !== id));
    expect((await walk({ state: "closed", borrower: BORROWER })).seen).to.deep.equal([]);
    expect((await walk({ state: "closed", borrower: OTHER })).seen).to.deep.equal([id]);
  });

  it("stays complete and without doubles while loans are added", async () => {
    const before = [...ids];
    const { seen } = await walk({ limit: "3" }, async (page) => {
      if (page % 3 === 0) await seed.mine("2022-11-30");
      ids.unshift((await originate(100 + page)).id);
    });
    expect(seen).to.deep.equal(before);
  });

  it("goes on from a cursor whose loan a reorg has taken away", async () => {
    const first = loanListBody.parse(await (await server.get("/v1/loans?limit=2")).json());
    const last = first.data[1];
    const { rows } = await seed.client.query("select block_number from chain.loan where loan_id = $1", [
      Buffer.from(last?.id.slice(2) ?? "", "hex"),
    ]);
    await seed.client.query("begin");
    await seed.client.query("delete from chain.block where number >= $1", [rows[0].block_number]);
    await seed.client.query("commit");
    const left = await seed.client.query<{ id: string }>(
      "select chain.hex(loan_id) as id from chain.loan order by block_number desc, log_index desc",
    );
    const rest = loanListBody.parse(
      await (await server.get(`/v1/loans?limit=100&cursor=${first.next_cursor}`)).json(),
    );
    expect(rest.data.map(({ id }) => id)).to.deep.equal(left.rows.map(({ id }) => id));
  });

  it("takes no cursor that it did not write", async () => {
    const good = encodeCursor({ blockNumber: 7, logIndex: 2 });
    expect(decodeCursor(good)).to.deep.equal({ blockNumber: 7, logIndex: 2 });
    const forged = ["", "AAAA", `${good}=`, good.slice(1), Buffer.from("[7,-1]").toString("base64url")];
    forged.push(Buffer.from("[7, 2]").toString("base64url"), Buffer.from("[1e30,2]").toString("base64url"));
    for (const cursor of forged) {
      const response = await server.get(`/v1/loans?cursor=${encodeURIComponent(cursor)}`);
      expect(response.status, cursor).to.equal(422);
    }
  });
});
