import { expect } from "chai";
import { termsReceipt } from "../../backend/modules/terms/schema.ts";
import { documentHash } from "../../lending/canonical.ts";
import { json } from "./requests.ts";
import { type Seed, seedC02 } from "./seed.ts";
import { emptyDatabase, migratedDatabase, startApi, type TestDatabase, type TestServer } from "./server.ts";

describe("/v1/loans/{id}/terms", () => {
  let database: TestDatabase;
  let server: TestServer;
  let seed: Seed;
  let loanId: string;
  let canonical: string;

  before(async () => {
    database = await migratedDatabase();
    server = await startApi(database.url);
  });

  beforeEach(async () => {
    await emptyDatabase(database);
    ({ seed, loanId, canonical } = await seedC02(database.url));
  });

  afterEach(() => seed.close());

  after(async () => {
    await server.close();
    await database.drop();
  });

  const put = (body: string | Uint8Array<ArrayBuffer>) =>
    server.get(`/v1/loans/${loanId}/terms`, { method: "PUT", headers: json, body });
  const stored = async () => (await seed.client.query("select canonical from desk.terms_document")).rows;

  it("keeps nothing that was not signed", async () => {
    const changed = canonical.replace('"rate_bps":1200', '"rate_bps":1201');
    expect(changed).to.not.equal(canonical);
    const deep = `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    for (const [body, status] of [
      [changed, 422],
      [`${canonical.slice(0, -1)},"note":"x"}`, 422],
      [deep, 422],
      ["null", 422],
      ['"text"', 422],
      ["", 400],
      [Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), 400],
    ] as const) {
      expect((await put(body)).status, String(body).slice(0, 40)).to.equal(status);
    }
    expect(await stored()).to.deep.equal([]);
  });

  it("keeps the canonical text however it was spaced and ordered", async () => {
    const members = Object.entries(JSON.parse(canonical)).reverse();
    const response = await put(`${JSON.stringify(Object.fromEntries(members), null, 2)}\n`);
    expect(response.status).to.equal(201);
    expect(await stored()).to.deep.equal([{ canonical }]);
  });

  it("changes nothing when the document is handed in again, also by many at once", async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => put(canonical)));
    const statuses = all.map(({ status }) => status).toSorted();
    expect(statuses).to.deep.equal([...Array.from({ length: 11 }, () => 200), 201]);
    const receipts = await Promise.all(all.map(async (one) => termsReceipt.parse(await one.json())));
    expect(new Set(receipts.map(({ received_at }) => received_at)).size).to.equal(1);
    expect(await stored()).to.have.length(1);
  });

  it("gives the document back byte for byte, and as part of the loan", async () => {
    await put(canonical);
    const response = await server.get(`/v1/loans/${loanId}/terms`);
    const text = await response.text();
    expect(text).to.equal(canonical);
    const loan = (await (await server.get(`/v1/loans/${loanId}`)).json()) as {
      terms: { document_hash: string };
      terms_document: { canonical: string; received_at: string };
    };
    expect(loan.terms_document.canonical).to.equal(canonical);
    expect(documentHash(text)).to.equal(loan.terms.document_hash);
    expect(loan.terms_document.received_at).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("outlives the loan's block: a reorg takes the loan away, not the document", async () => {
    await put(canonical);
    await seed.client.query("delete from chain.block where number >= 3");
    expect((await server.get(`/v1/loans/${loanId}/terms`)).status).to.equal(404);
    expect(await stored()).to.have.length(1);
  });
});
