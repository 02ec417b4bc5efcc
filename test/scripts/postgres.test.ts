import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { connectOwner } from "../../platform/database.ts";
import { AhadiError } from "../../platform/errors.ts";
import { canReach, postgresAccount } from "../../scripts/local/account.ts";
import { placeCluster, removeCluster } from "../../scripts/local/placement.ts";
import { freePort } from "../../scripts/local/ports.ts";
import { startPostgresProcess } from "../../scripts/local/postgres.ts";
import { cleanUpLater } from "../support/cleanup.ts";
import { temporaryFolder } from "../support/folder.ts";

const isRoot = process.getuid?.() === 0;

describe("the embedded Postgres", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dataDir: string;
  before(async () => {
    folder = await temporaryFolder();
    dataDir = join(folder.path, "data");
  });
  after(() => folder.remove());

  async function start(port?: number) {
    return await startPostgresProcess({
      dataDir,
      port: port ?? (await freePort()),
      durable: false,
      logDir: join(folder.path, "logs"),
      onSpawn: (_name, pid) => cleanUpLater({ folder: dataDir }).addPid(pid),
    });
  }

  async function query(url: string, text: string): Promise<unknown[]> {
    const client = await connectOwner(url);
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function failureOf(work: Promise<unknown>): Promise<AhadiError> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof AhadiError) return error;
    throw new Error(`expected an AhadiError, got ${error}`);
  }

  it("is made anew after an interrupted start, and keeps what was written", async () => {
    await mkdir(join(dataDir, "postgres.new", "half"), { recursive: true });
    await writeFile(join(dataDir, "postgres-password.new"), "half");
    const first = await start();
    expect(await readdir(dataDir)).to.have.members(["postgres", "postgres-password"]);
    const url = await first.database("books");
    await query(url, "create table kept (x int)");
    await first.stop();
    expect(first.child.running).to.equal(false);

    const second = await start();
    expect(await query(await second.database("books"), "select * from kept")).to.deep.equal([]);
    expect(
      await query(
        await second.database("books", { anew: true }),
        "select from pg_tables where tablename = 'kept'",
      ),
    ).to.have.length(0);
    await second.stop();
  });

  it("has a password that only its owner can read, and wants it", async () => {
    expect((await stat(join(dataDir, "postgres-password"))).mode & 0o777).to.equal(0o600);
    const postgres = await start();
    const url = new URL(await postgres.database("books"));
    url.password = "guess";
    expect((await failureOf(connectOwner(url.href))).message).to.contain("password authentication failed");
    await postgres.stop();
  });

  it("never runs as root, sorts by code point and knows capital letters beyond ASCII", async () => {
    const postgres = await start();
    const url = await postgres.database("books");
    expect(
      await query(
        url,
        "select upper('é') as upper, 'a' < 'B' as locale_order, current_setting('server_encoding') as encoding",
      ),
    ).to.deep.equal([{ upper: "É", locale_order: false, encoding: "UTF8" }]);
    const owner = await stat(join(dataDir, "postgres"));
    expect(owner.uid).to.equal(postgresAccount()?.uid ?? process.getuid?.());
    expect(owner.uid).not.to.equal(0);
    await postgres.stop();
  });

  it("names the file when the password in it is wrong, empty or gone, and leaves it as it is", async () => {
    const file = join(dataDir, "postgres-password");
    const password = await readFile(file, "utf8");
    const breaks = [() => writeFile(file, "gu/ess\n"), () => writeFile(file, ""), () => rm(file)];
    for (const breakIt of breaks) {
      await breakIt();
      const error = await failureOf(start());
      expect(error.code).to.equal("postgres_password");
      expect(error.message).to.contain(file);
      expect(error.hint).to.contain("--fresh").and.not.contain("AHADI_DATABASE_URL");
    }
    expect(await stat(file).catch(() => "gone")).to.equal("gone");
    await writeFile(file, password, { mode: 0o600 });
    await (await start()).stop();
  });

  it("that cannot have its port says why", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await failureOf(start(port));
    server.close();
    expect(error.code).to.equal("child_failed");
    expect(error.message).to.contain("Postgres ended with code 1").and.not.contain("\n");
  });

  it("of another major version is refused with what to do", async () => {
    const file = join(dataDir, "postgres", "PG_VERSION");
    const version = await readFile(file, "utf8");
    await writeFile(file, "11\n");
    const error = await failureOf(start());
    await writeFile(file, version);
    expect(error).to.include({ code: "postgres_version" });
    expect(error.hint).to.contain("--fresh");
  });

  if (!isRoot) return;

  describe("as root", () => {
    const nobody = postgresAccount(["nobody"]);
    if (nobody === undefined) throw new Error("as root there is an account");

    it("names the users it could run as when there is none", () => {
      expect(() => postgresAccount(["no-such-user"])).to.throw(AhadiError, "no-such-user");
    });

    it("knows what another user can reach", async () => {
      const locked = join(folder.path, "locked");
      await mkdir(join(locked, "inner"), { recursive: true });
      await chmod(locked, 0o700);
      expect(canReach(nobody, folder.path)).to.equal(true);
      expect(canReach(nobody, join(locked, "inner"))).to.equal(false);
    });

    it("keeps the cluster elsewhere, behind a link, when the data folder is out of reach", async () => {
      const locked = join(folder.path, "locked", "data");
      const system = join(folder.path, "system");
      const { clusterDir } = await placeCluster(locked, nobody, system);
      expect(clusterDir.startsWith(system)).to.equal(true);
      expect((await lstat(join(locked, "postgres"))).isSymbolicLink()).to.equal(true);
      expect((await placeCluster(locked, nobody, system)).clusterDir, "the next time too").to.equal(
        clusterDir,
      );
      await mkdir(clusterDir);
      await removeCluster(locked, system);
      expect(await stat(clusterDir).catch(() => "gone")).to.equal("gone");
      expect(await lstat(join(locked, "postgres")).catch(() => "gone")).to.equal("gone");
    });

    it("removes the cluster of a data folder that was removed by hand, when the next one comes", async () => {
      const system = join(folder.path, "system");
      const [gone, next] = [join(folder.path, "locked", "gone"), join(folder.path, "locked", "next")];
      const { clusterDir } = await placeCluster(gone, nobody, system);
      await rm(gone, { recursive: true });
      await placeCluster(next, nobody, system);
      expect(await stat(dirname(clusterDir)).catch(() => "gone")).to.equal("gone");
    });

    it("runs just so under the umask of a careful root", async () => {
      const umask = process.umask(0o077);
      try {
        await rm(dataDir, { recursive: true });
        const postgres = await start();
        await postgres.database("books");
        await postgres.stop();
      } finally {
        await removeCluster(dataDir);
        process.umask(umask);
      }
    });

    it("is started by an ordinary user in the same way", async function () {
      const module = new URL("../../scripts/local/postgres.ts", import.meta.url);
      const home = join(folder.path, "home");
      await mkdir(home);
      await chmod(home, 0o777);
      const code = `
        const { startPostgresProcess } = await import(${JSON.stringify(module.href)});
        const postgres = await startPostgresProcess({
          dataDir: ${JSON.stringify(join(home, "data"))}, port: ${await freePort()}, durable: false,
          logDir: ${JSON.stringify(join(home, "logs"))},
        });
        await postgres.database("books");
        await postgres.stop();
        console.log("uid", process.getuid());`;
      if (!canReach(nobody, module.pathname) || !canReach(nobody, process.execPath)) {
        // A checkout in root's own folder: nobody else can run its code, so there is no such case.
        return this.skip();
      }
      const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
        uid: nobody.uid,
        gid: nobody.gid,
        cwd: "/",
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (text) => {
        said += text;
      });
      await once(child, "close");
      expect(said).to.equal(`uid ${nobody.uid}\n`);
    });
  });
});
