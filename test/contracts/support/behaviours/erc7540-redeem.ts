import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { as, ethers, type Signer } from "../chain.ts";
import type { LendingPool, TestDollar } from "../world.ts";

/** A vault in which the lender has shares, and nobody waits. */
export interface RedeemSetup {
  vault: LendingPool;
  asset: TestDollar;
  lender: Signer;
  /** Has nothing to do with the lender until a test says so. */
  other: Signer;
  /** Fulfils every request. */
  fulfil: () => Promise<void>;
}

/** Redemption by request, as ERC-7540 has it: request, wait, claim. */
export function shouldRedeemLikeErc7540(setUp: () => Promise<RedeemSetup>): void {
  /** The lender's request for half of her shares, controlled by `controller`. */
  async function requested(controller?: (setup: RedeemSetup) => Signer) {
    const setup = await setUp();
    const { vault, lender } = setup;
    const shares = ((await vault.balanceOf(lender.address)) as bigint) / 2n;
    const who = (controller?.(setup) ?? lender).address;
    const id: bigint = await as(lender, vault).requestRedeem.staticCall(shares, who, lender.address);
    const request = await as(lender, vault).requestRedeem(shares, who, lender.address);
    return { ...setup, shares, controller: who, id, request };
  }

  const standing = async (vault: LendingPool, id: bigint, controller: string) => ({
    pending: (await vault.pendingRedeemRequest(id, controller)) as bigint,
    claimable: (await vault.claimableRedeemRequest(id, controller)) as bigint,
    maxRedeem: (await vault.maxRedeem(controller)) as bigint,
  });

  describe("a request", () => {
    it("takes the shares from their owner and says so", async () => {
      const { vault, lender, shares, id, request, controller } = await requested();
      await expect(request).to.changeTokenBalances(ethers, vault, [lender, vault], [-shares, shares]);
      await expect(request)
        .to.emit(vault, "RedeemRequest")
        .withArgs(controller, lender.address, id, lender.address, shares);
      expect(await standing(vault, id, controller)).to.deep.equal({
        pending: shares,
        claimable: 0n,
        maxRedeem: 0n,
      });
    });

    it("cannot be claimed before it is fulfilled", async () => {
      const { vault, lender } = await requested();
      const me = lender.address;
      await expect(as(lender, vault).redeem(1n, me, me))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxRedeem")
        .withArgs(me, 1n, 0n);
      await expect(as(lender, vault).withdraw(1n, me, me))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxWithdraw")
        .withArgs(me, 1n, 0n);
    });

    it("is not made for another's shares without her allowance, which it uses up", async () => {
      const { vault, lender, other } = await setUp();
      const shares = ((await vault.balanceOf(lender.address)) as bigint) / 2n;
      const request = () => as(other, vault).requestRedeem(shares, other.address, lender.address);
      await as(lender, vault).approve(other.address, shares - 1n);
      await expect(request())
        .to.be.revertedWithCustomError(vault, "ERC20InsufficientAllowance")
        .withArgs(other.address, shares - 1n, shares);
      await as(lender, vault).approve(other.address, shares);
      await request();
      expect(await vault.allowance(lender.address, other.address)).to.equal(0n);
    });

    it("is made by an operator without an allowance", async () => {
      const { vault, lender, other } = await setUp();
      const shares = ((await vault.balanceOf(lender.address)) as bigint) / 2n;
      await as(lender, vault).setOperator(other.address, true);
      await as(other, vault).requestRedeem(shares, lender.address, lender.address);
      expect(await vault.balanceOf(lender.address)).to.be.greaterThanOrEqual(shares);
    });

    it("is nobody's without a controller, and never of nothing or of more than there is", async () => {
      const { vault, lender } = await setUp();
      const me = lender.address;
      const balance: bigint = await vault.balanceOf(me);
      await expect(as(lender, vault).requestRedeem(balance, ZeroAddress, me)).to.be.revert(ethers);
      await expect(as(lender, vault).requestRedeem(0n, me, me)).to.be.revert(ethers);
      await expect(as(lender, vault).requestRedeem(balance + 1n, me, me))
        .to.be.revertedWithCustomError(vault, "ERC20InsufficientBalance")
        .withArgs(me, balance, balance + 1n);
    });

    it("has an id of its own, above those before it, and is asked for by its controller alone", async () => {
      const { vault, lender, other, id, shares } = await requested();
      const next: bigint = await as(lender, vault).requestRedeem.staticCall(
        shares,
        lender.address,
        lender.address,
      );
      expect(next > id).to.equal(true);
      expect(await standing(vault, id, other.address)).to.deep.equal({
        pending: 0n,
        claimable: 0n,
        maxRedeem: 0n,
      });
      expect(await vault.pendingRedeemRequest(id + 1n, lender.address)).to.equal(0n);
    });
  });

  describe("a fulfilled request", () => {
    it("is claimed by its controller, in shares, to whom she wants", async () => {
      const { vault, asset, lender, other, fulfil, shares, id } = await requested();
      await fulfil();
      expect(await standing(vault, id, lender.address)).to.deep.equal({
        pending: 0n,
        claimable: shares,
        maxRedeem: shares,
      });
      const assets: bigint = await vault.maxWithdraw(lender.address);
      expect(await as(lender, vault).redeem.staticCall(shares, other.address, lender.address)).to.equal(
        assets,
      );
      const claim = as(lender, vault).redeem(shares, other.address, lender.address);
      await expect(claim).to.changeTokenBalances(ethers, asset, [other, vault], [assets, -assets]);
      await expect(claim)
        .to.emit(vault, "Withdraw")
        .withArgs(lender.address, other.address, lender.address, assets, shares);
      expect(await standing(vault, id, lender.address)).to.deep.equal({
        pending: 0n,
        claimable: 0n,
        maxRedeem: 0n,
      });
    });

    it("is claimed in assets too, to the last of both", async () => {
      const { vault, lender, fulfil, shares, id } = await requested();
      await fulfil();
      const me = lender.address;
      const assets: bigint = await vault.maxWithdraw(me);
      const part = assets / 3n;
      const forPart = (part * shares) / assets;
      expect(await as(lender, vault).withdraw.staticCall(part, me, me)).to.equal(forPart);
      await as(lender, vault).withdraw(part, me, me);
      expect(await vault.maxWithdraw(me)).to.equal(assets - part);
      expect(await vault.claimableRedeemRequest(id, me)).to.equal(shares - forPart);
      await as(lender, vault).withdraw(assets - part, me, me);
      expect([await vault.maxWithdraw(me), await vault.maxRedeem(me)]).to.deep.equal([0n, 0n]);
    });

    it("burned its shares, and left the vault's assets, at the fulfilment", async () => {
      const { vault, lender, fulfil, shares } = await requested();
      const [supply, assets] = [await vault.totalSupply(), await vault.totalAssets()];
      await fulfil();
      expect(await vault.totalSupply()).to.equal(supply - shares);
      const claimable: bigint = await vault.maxWithdraw(lender.address);
      const left = (await vault.totalAssets()) as bigint;
      expect(left >= assets - claimable).to.equal(true);
      await as(lender, vault).redeem(shares, lender.address, lender.address);
      expect(await vault.totalSupply()).to.equal(supply - shares);
    });

    it("is claimed by nobody but its controller and her operators, not even by the owner of the shares", async () => {
      const { vault, lender, other, fulfil, shares } = await requested(({ other }) => other);
      await fulfil();
      await as(other, vault).approve(lender.address, shares);
      for (const [way, amount] of [
        ["redeem", shares],
        ["withdraw", 1n],
      ] as const) {
        await expect(as(lender, vault)[way](amount, lender.address, other.address))
          .to.be.revertedWithCustomError(vault, "LendingPoolNotOperator")
          .withArgs(other.address, lender.address);
      }
      await as(other, vault).setOperator(lender.address, true);
      await as(lender, vault).redeem(shares, lender.address, other.address);
    });

    it("is not claimed twice, or beyond what it came to", async () => {
      const { vault, lender, fulfil, shares } = await requested();
      await fulfil();
      const me = lender.address;
      await expect(as(lender, vault).redeem(shares + 1n, me, me))
        .to.be.revertedWithCustomError(vault, "ERC4626ExceededMaxRedeem")
        .withArgs(me, shares + 1n, shares);
      await as(lender, vault).redeem(shares, me, me);
      await expect(as(lender, vault).redeem(1n, me, me)).to.be.revertedWithCustomError(
        vault,
        "ERC4626ExceededMaxRedeem",
      );
    });

    it("gives nothing for nothing", async () => {
      const { vault, lender } = await setUp();
      const me = lender.address;
      expect(await as(lender, vault).redeem.staticCall(0n, me, me)).to.equal(0n);
      expect(await as(lender, vault).withdraw.staticCall(0n, me, me)).to.equal(0n);
    });
  });

  it("has no preview of a redemption, for anybody or any amount", async () => {
    const { vault, lender } = await setUp();
    for (const amount of [0n, 1n, 10n ** 18n]) {
      for (const preview of ["previewRedeem", "previewWithdraw"] as const) {
        await expect(as(lender, vault)[preview](amount)).to.be.revertedWithCustomError(
          vault,
          "LendingPoolPreviewUnknown",
        );
      }
    }
  });

  it("lets operators be named and dismissed", async () => {
    const { vault, lender, other } = await setUp();
    for (const approved of [true, false]) {
      expect(await as(lender, vault).setOperator.staticCall(other.address, approved)).to.equal(true);
      await expect(as(lender, vault).setOperator(other.address, approved))
        .to.emit(vault, "OperatorSet")
        .withArgs(lender.address, other.address, approved);
      expect(await vault.isOperator(lender.address, other.address)).to.equal(approved);
      expect(await vault.isOperator(other.address, lender.address)).to.equal(false);
    }
    const shares = (await vault.balanceOf(lender.address)) as bigint;
    await expect(
      as(other, vault).requestRedeem(shares, other.address, lender.address),
    ).to.be.revertedWithCustomError(vault, "ERC20InsufficientAllowance");
  });
}
