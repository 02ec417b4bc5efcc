import { readArtifacts } from "../../chain/artifacts.ts";
import { compileSources, readSources, type StorageLayout } from "./compiler.ts";

/** What must not change unnoticed: how large the contracts are, and where they keep what. */

/** No chain takes more (EIP-170). */
export const MAX_CONTRACT_BYTES = 24_576;

/** Deployed bytes of each contract of a deployment and of each library that is linked, as the last build has them. */
export async function contractSizes(): Promise<Record<string, number>> {
  const artifacts = await readArtifacts();
  const sizes = [...artifacts].map(
    ([name, { deployedBytecode }]) => [name, (deployedBytecode.length - 2) / 2] as const,
  );
  return Object.fromEntries(sizes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Member {
  slot: number;
  offset: number;
  type: string;
  label: string;
}

interface Layout {
  storage: Member[];
  /** Where the members of each struct stand, from the struct's own first slot. */
  structs: Record<string, Member[]>;
}

/** Contract -> its storage, for all contracts that have any. */
export async function storageLayouts(): Promise<Record<string, Layout>> {
  const output = await compileSources(await readSources("contracts"), { "*": ["storageLayout"] });
  const layouts: Record<string, Layout> = {};
  for (const [path, contracts] of Object.entries(output.contracts ?? {})) {
    if (!path.startsWith("contracts/")) continue;
    for (const [name, { storageLayout }] of Object.entries(contracts)) {
      if (storageLayout !== undefined && storageLayout.storage.length > 0) {
        layouts[name] = layoutOf(storageLayout);
      }
    }
  }
  return Object.fromEntries(Object.entries(layouts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function layoutOf({ storage, types }: StorageLayout): Layout {
  const membersOf = (members: StorageLayout["storage"]): Member[] =>
    members.map(({ slot, offset, type, label }) => ({
      slot: Number(slot),
      offset,
      type: types?.[type]?.label ?? type,
      label,
    }));
  const structs = Object.values(types ?? {}).flatMap(({ label, members }) =>
    members === undefined ? [] : [[label, membersOf(members)] as const],
  );
  return { storage: membersOf(storage), structs: Object.fromEntries(structs) };
}
