import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { as, ethers, type Signer } from "../chain.ts";
import type { LendingPool, TestDollar } from "../world.ts";

/** A vault at some price, as each test finds it. */
export interface DepositSetup {
  vault: LendingPool;
  asset: Pick<TestDollar, "balanceOf" | "approve" | "connect" | "transfer"> & TestDollar;
  /** Has assets and an allowance for the vault. */
  depositor: Signer;
  /** Has assets and no allowance. */
  stranger: Signer;
}

const AMOUNTS = [1n, 7n, 999_999n, 1_000_003n, 10n ** 12n + 1n];

/** The half of ERC-4626 that puts assets in: `deposit` and `mint`, their previews and limits. */
export function shouldTakeDepositsLikeErc4626(setUp: () => Promise<DepositSetup>): void {
  it("knows its asset", async () => {
    const { vault, asset } = await setUp();
    expect(await vault.asset()).to.equal(await asset.getAddress());
  });

  it("gives exactly what `previewDeposit` says, to the receiver, for exactly these assets", async () => {
    for (const assets of AMOUNTS) {
      const { vault, asset, depositor, stranger } = await setUp();
      const shares = await vault.previewDeposit(assets);
      expect(await as(depositor, vault).deposit.staticCall(assets, stranger.address)).to.equal(shares);
      const before = await vault.totalAssets();
      const depositing = as(depositor, vault).deposit(assets, stranger.address);
      await expect(depositing).to.changeTokenBalances(ethers, asset, [depositor, vault], [-assets, assets]);
      await expect(depositing).to.changeTokenBalances(ethers, vault, [stranger, depositor], [shares, 0n]);
      await expect(depositing)
        .to.emit(vault, "Deposit")
        .withArgs(depositor.address, stranger.address, assets, shares);
      expect(await vault.totalAssets()).to.equal(before + assets);
    }
  });

  it("takes exactly what `previewMint` says for exactly these shares", async () => {
    for (const shares of AMOUNTS.map((amount) => amount * 999_983n)) {
      const { vault, asset, depositor, stranger } = await setUp();
      const assets = await vault.previewMint(shares);
      expect(await as(depositor, vault).mint.staticCall(shares, stranger.address)).to.equal(assets);
      const minting = as(depositor, vault).mint(shares, stranger.address);
      await expect(minting).to.changeTokenBalances(ethers, asset, [depositor, vault], [-assets, assets]);
      await expect(minting).to.changeTokenBalances(ethers, vault, [stranger], [shares]);
    }
  });

  it("rounds in favour of those who are in already", async () => {
    const { vault } = await setUp();
    for (const assets of AMOUNTS) {
      const shares = await vault.previewDeposit(assets);
      expect((await vault.convertToAssets(shares)) <= assets).to.equal(true);
      expect((await vault.previewMint(shares)) <= assets).to.equal(true);
      expect((await vault.previewMint(shares + 1n)) > (await vault.convertToAssets(shares))).to.equal(true);
      expect((await vault.convertToShares(await vault.convertToAssets(shares))) <= shares).to.equal(true);
    }
  });

  it("converts alike for everybody, nothing to nothing, and never fails for what may be asked", async () => {
    const { vault, stranger } = await setUp();
    for (const view of ["convertToShares", "convertToAssets", "previewDeposit", "previewMint"] as const) {
      expect(await vault[view](0n)).to.equal(0n);
      expect(await as(stranger, vault)[view](10n ** 9n)).to.equal(await vault[view](10n ** 9n));
    }
    for (const view of ["maxDeposit", "maxMint"] as const) {
      for (const account of [stranger.address, ZeroAddress])
        expect((await vault[view](account)) > 0n).to.equal(true);
    }
  });

  it("keeps its word about the most that it takes", async () => {
    for (const [max, way] of [
      ["maxDeposit", "deposit"],
      ["maxMint", "mint"],
    ] as const) {
      const { vault, depositor } = await setUp();
      const most: bigint = await vault[max](depositor.address);
      const error = max === "maxDeposit" ? "ERC4626ExceededMaxDeposit" : "ERC4626ExceededMaxMint";
      await expect(as(depositor, vault)[way](most + 1n, depositor.address))
        .to.be.revertedWithCustomError(vault, error)
        .withArgs(depositor.address, most + 1n, most);
    }
  });

  it("takes nothing from somebody who did not allow it", async () => {
    const { vault, asset, stranger, depositor } = await setUp();
    await expect(as(stranger, vault).deposit(10n, depositor.address))
      .to.be.revertedWithCustomError(asset, "ERC20InsufficientAllowance")
      .withArgs(await vault.getAddress(), 0n, 10n);
  });

  it("takes no notice of assets that are sent to it", async () => {
    const { vault, asset, stranger } = await setUp();
    const figures = () => Promise.all([vault.convertToAssets(10n ** 18n), vault.previewDeposit(10n ** 9n)]);
    const before = await figures();
    await as(stranger, asset).transfer(await vault.getAddress(), 10n ** 20n);
    expect(await figures()).to.deep.equal(before);
  });
}
