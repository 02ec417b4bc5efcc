import { expect } from "chai";
import { allElements, type Element, parseWellFormed } from "./well-formed.ts";

/** What a wallet or a block explorer shows of a note. */
export interface Picture {
  name: string;
  description: string;
  /** By name. */
  traits: Record<string, string | number>;
  svg: string;
  root: Element;
  /** All texts of the picture in their order. */
  texts: string[];
}

/** Reads the data URI as a browser does, and strictly. */
export function readPicture(uri: string): Picture {
  const json = JSON.parse(payload(uri, "data:application/json;base64,")) as {
    name: string;
    description: string;
    image: string;
    attributes: { trait_type: string; value: string | number }[];
  };
  expect(Object.keys(json)).to.deep.equal(["name", "description", "image", "attributes"]);
  const svg = payload(json.image, "data:image/svg+xml;base64,");
  const root = parseWellFormed(svg);
  const texts = allElements(root)
    .filter(({ name }) => name === "text")
    .map(({ text }) => text);
  const traits = Object.fromEntries(json.attributes.map(({ trait_type, value }) => [trait_type, value]));
  expect(Object.keys(traits).length, "each trait once").to.equal(json.attributes.length);
  return { name: json.name, description: json.description, traits, svg, root, texts };
}

function payload(uri: string, prefix: string): string {
  expect(uri.startsWith(prefix), prefix).to.equal(true);
  const encoded = uri.slice(prefix.length);
  const bytes = Buffer.from(encoded, "base64");
  expect(bytes.toString("base64"), "canonical base64").to.equal(encoded);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
