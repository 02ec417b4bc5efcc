import { expect } from "chai";
import fc from "fast-check";
import { html, ownMarkup } from "../../web/pages/html.ts";

describe("the html template", () => {
  it("escapes everything that is put in, in text and in attributes", () => {
    const hostile = `"><script>alert('1')</script>&amp;`;
    expect(String(html`<p title="${hostile}">${hostile}</p>`)).to.equal(
      `<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</p>`,
    );
  });

  it("escapes inside lists, and only once", () => {
    expect(String(html`${[["<a>"], html`<b>${"<c>"}</b>`]}`)).to.equal("&lt;a&gt;<b>&lt;c&gt;</b>");
  });

  it("takes an object that only looks like markup for text", () => {
    const forged = { toString: () => "<script>", text: "<script>" } as unknown as string;
    expect(() => String(html`${forged}`)).to.throw();
  });

  it("shows nothing for what is not there, and shows zero", () => {
    expect(String(html`[${null}${undefined}${false}${0}${0n}]`)).to.equal("[00]");
  });

  it("keeps back slashes of the template as JavaScript reads them", () => {
    expect(String(html`a\u0062`)).to.equal("ab");
    expect(String(ownMarkup("<i>\\</i>"))).to.equal("<i>\\</i>");
  });

  it("lets no text out of its place, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const page = String(html`<p title="${text}">${text}</p>`);
        const inside = page.slice('<p title="'.length, -"</p>".length);
        expect(inside.replace('">', "")).to.not.match(/[<>"']/);
        const unescaped = inside
          .slice(0, inside.indexOf('">'))
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'")
          .replaceAll("&amp;", "&");
        expect(unescaped).to.equal(text);
      }),
      { seed: 20_221_101, numRuns: 500 },
    );
  });
});
