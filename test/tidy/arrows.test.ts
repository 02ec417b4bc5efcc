import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";

/** Who may import whom (docs/ARCHITECTURE.md). A room may always import itself. */
const ARROWS: Record<string, readonly string[]> = {
  platform: [],
  lending: [],
  chain: ["lending", "platform"],
  indexer: ["chain", "lending", "platform"],
  backend: ["chain", "lending", "platform"],
  web: ["lending"],
  scripts: ["chain", "lending", "platform", "indexer", "backend", "web"],
};

/** A room without a side effect on the machine: the same code runs in a browser. */
const PURE_ROOMS = new Set(["lending"]);

interface Import {
  file: string;
  room: string;
  specifier: string;
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g;

async function filesOf(room: string): Promise<string[]> {
  const names = await readdir(join(repositoryRoot, room), { recursive: true });
  return names.filter((name) => name.endsWith(".ts"));
}

async function importsOf(room: string): Promise<Import[]> {
  const folder = join(repositoryRoot, room);
  const files = await filesOf(room);
  const imports = await Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      const file = join(room, name);
      return [...text.matchAll(IMPORT)].map(([, specifier = ""]) => ({ file, room, specifier }));
    }),
  );
  return imports.flat();
}

function roomOf({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = relative(repositoryRoot, resolve(repositoryRoot, file, "..", specifier));
  return target.split("/")[0];
}

describe("the arrows between the rooms", () => {
  for (const [room, allowed] of Object.entries(ARROWS)) {
    it(`${room} imports ${allowed.length === 0 ? "no other room" : `only ${allowed.join(", ")}`}`, async () => {
      const imports = await importsOf(room);
      expect(imports, `${room} has code`).not.to.be.empty;
      const wrong = imports
        .map((found) => ({ ...found, target: roomOf(found) }))
        .filter(({ target }) => target !== undefined && target !== room && !allowed.includes(target))
        .map(({ file, specifier }) => `${file} imports ${specifier}`);
      expect(wrong).to.deep.equal([]);
    });
  }

  for (const room of PURE_ROOMS) {
    it(`${room} reaches neither the machine nor the clock`, async () => {
      const wrong = (await importsOf(room)).filter(({ specifier }) => specifier.startsWith("node:"));
      expect(wrong).to.deep.equal([]);
      for (const name of await filesOf(room)) {
        const text = await readFile(join(repositoryRoot, room, name), "utf8");
        expect(text, `${room}/${name}`).not.to.match(/Date\.now|new Date\b|Math\.random|process\.env/);
      }
    });
  }
});
