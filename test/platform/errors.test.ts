import { expect } from "chai";
import { AhadiError, describeError } from "../../platform/errors.ts";

describe("an error, as people and programs see it", () => {
  it("is one line, whatever the message holds", () => {
    const error = new AhadiError("x_wrong", "first\n  second", { hint: "do\nthis" });
    expect(describeError(error)).to.deep.equal({ code: "x_wrong", message: "first second", hint: "do this" });
  });

  it("has no hint when there is none", () => {
    expect(describeError(new AhadiError("x_wrong", "no"))).to.deep.equal({ code: "x_wrong", message: "no" });
  });

  it("takes the readable part of a foreign error", () => {
    const foreign = Object.assign(new Error("short\n\nDetails: ...\nVersion: 1"), { shortMessage: "short" });
    expect(describeError(foreign)).to.deep.equal({ code: "unexpected", message: "short" });
  });

  it("says what the first of several failures was when there is no message of its own", () => {
    const refused = new AggregateError([new Error("connect ECONNREFUSED ::1:1")]);
    expect(describeError(refused).message).to.equal("connect ECONNREFUSED ::1:1");
  });

  it("describes whatever was thrown", () => {
    expect(describeError("just text")).to.deep.equal({ code: "unexpected", message: "just text" });
  });

  it("keeps its cause for those who mend the code", () => {
    const cause = new Error("deep");
    expect(new AhadiError("x", "y", { cause }).cause).to.equal(cause);
  });
});
