// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IKycRegistry, Anchor, KycRecord, Revocation, SignedAnchor} from "../../contracts/interfaces/IKycRegistry.sol";
import {IWalletRecovery} from "../../contracts/interfaces/IWalletRecovery.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

/// Who may borrow, and where an address moves: what nobody can do. What they can is drawn at random elsewhere.
contract IdentityTest is Institution {
    bytes32 private constant CASE = keccak256("case");

    address private _successor = person("successor");

    /* CREDENTIALS */

    function test_aStatementIsAboutSomebodyAndSaysSomething() external {
        Anchor memory a = _statement();
        a.account = address(0);
        _refuses(a, abi.encodeWithSelector(IKycRegistry.KycRegistryAccountZero.selector));
        a = _statement();
        a.policy = 0;
        _refuses(a, abi.encodeWithSelector(IKycRegistry.KycRegistryPolicyZero.selector, stranger));
        a = _statement();
        a.commitment = 0;
        _refuses(a, abi.encodeWithSelector(IKycRegistry.KycRegistryCommitmentZero.selector, stranger));
    }

    function test_aStatementHoldsForATimeThatIsNotOverAndNotTooLong() external {
        Anchor memory a = _statement();
        a.validUntil = uint48(block.timestamp);
        bytes memory reason = abi.encodeWithSelector(
            IKycRegistry.KycRegistryExpired.selector,
            stranger,
            a.validUntil,
            block.timestamp
        );
        _refuses(a, reason);
        uint256 max = block.timestamp + registry.MAX_VALIDITY();
        a.validUntil = uint48(max + 1);
        reason = abi.encodeWithSelector(IKycRegistry.KycRegistryValidTooLong.selector, stranger, a.validUntil, max);
        _refuses(a, reason);
    }

    function test_numbersOfStatementsRiseAndNotTooFar() external {
        Anchor memory a = _statement();
        a.account = borrower;
        a.sequence = 1;
        bytes memory reason = abi.encodeWithSelector(
            IKycRegistry.KycRegistrySequenceNotNew.selector,
            borrower,
            uint32(1),
            uint32(1)
        );
        _refuses(a, reason);
        uint256 max = 1 + registry.MAX_SEQUENCE_STEP();
        a.sequence = uint32(max + 1);
        _refuses(a, abi.encodeWithSelector(IKycRegistry.KycRegistrySequenceTooFar.selector, borrower, a.sequence, max));
    }

    function test_aStatementIsAnIssuers() external {
        Anchor memory a = _statement();
        a.issuer = stranger;
        refused(stranger, abi.encodeWithSelector(IKycRegistry.KycRegistryNotIssuer.selector, stranger));
        registry.anchor(a, "");
        a.issuer = address(manager);
        refused(stranger, abi.encodeWithSelector(IKycRegistry.KycRegistryNotIssuer.selector, address(manager)));
        registry.anchor(a, "");
        a = _statement();
        bytes memory notIts = signed(lender, registry.anchorDigest(a));
        refused(stranger, abi.encodeWithSelector(IKycRegistry.KycRegistrySignatureInvalid.selector, kycIssuer));
        registry.anchor(a, notIts);
    }

    function test_whatStandsMayBeBroughtAgain() external {
        Anchor memory a = _statement();
        VM.prank(kycIssuer);
        registry.anchor(a, "");
        uint256 anchoredAt = block.timestamp;
        VM.warp(anchoredAt + 1 hours);
        VM.prank(stranger);
        registry.anchor(a, "");
        VM.assertEq(registry.recordOf(stranger).anchoredAt, anchoredAt);
        // Not once it was revoked.
        registry.revoke(stranger, 1);
        bytes memory reason = abi.encodeWithSelector(
            IKycRegistry.KycRegistrySequenceNotNew.selector,
            stranger,
            uint32(1),
            uint32(1)
        );
        _refuses(a, reason);
    }

    function test_aBatchOfStatementsIsBroughtWholeOrNotAtAll() external {
        SignedAnchor[] memory batch = new SignedAnchor[](2);
        batch[0].anchor = _statement();
        batch[0].signature = signed(kycIssuer, registry.anchorDigest(batch[0].anchor));
        batch[1].anchor = _statement();
        batch[1].anchor.account = lender;
        batch[1].signature = batch[0].signature;
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistrySignatureInvalid.selector, kycIssuer));
        registry.anchorMany(batch);
        VM.assertFalse(registry.isEligible(stranger, KYC_POLICY));
        batch[1].signature = signed(kycIssuer, registry.anchorDigest(batch[1].anchor));
        registry.anchorMany(batch);
        VM.assertTrue(registry.isEligible(stranger, KYC_POLICY));
        VM.assertTrue(registry.isEligible(lender, KYC_POLICY));
    }

    function test_onlyWhatMayHaveBeenSaidIsRevoked() external {
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryNothingToRevoke.selector, stranger));
        registry.revoke(stranger, 0);
        registry.revoke(borrower, 5);
        registry.revoke(borrower, 5);
        KycRecord memory record = registry.recordOf(borrower);
        VM.assertEq(record.sequence, 5);
        VM.assertTrue(record.revoked);
        VM.assertFalse(registry.isEligible(borrower, KYC_POLICY));
        uint256 length = registry.MAX_BATCH() + 1;
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryBatchOutOfBounds.selector, 0, length - 1));
        registry.revokeMany(new Revocation[](0));
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryBatchOutOfBounds.selector, length, length - 1));
        registry.revokeMany(new Revocation[](length));
    }

    function test_anIssuerIsDelistedOnce() external {
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryAccountZero.selector));
        registry.delistIssuer(address(0));
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryIssuerNotDelisted.selector, kycIssuer));
        registry.relistIssuer(kycIssuer);
        registry.delistIssuer(kycIssuer);
        VM.assertTrue(registry.isDelisted(kycIssuer));
        VM.assertFalse(registry.isEligible(borrower, KYC_POLICY));
        bytes memory reason = abi.encodeWithSelector(IKycRegistry.KycRegistryIssuerDelisted.selector, kycIssuer);
        VM.expectRevert(reason);
        registry.delistIssuer(kycIssuer);
        _refuses(_statement(), reason);
        registry.relistIssuer(kycIssuer);
        VM.assertTrue(registry.isEligible(borrower, KYC_POLICY));
    }

    /* BLOCKS */

    function test_aBlockIsOfSomebodyAndOnEvidence() external {
        address[] memory accounts = new address[](1);
        refused(compliance, abi.encodeWithSelector(IKycRegistry.KycRegistryAccountZero.selector));
        registry.blockAccounts(accounts, CASE);
        refused(compliance, abi.encodeWithSelector(IKycRegistry.KycRegistryEvidenceZero.selector));
        registry.blockAccounts(accounts, 0);
    }

    function test_aBlockEndsOnTheSameEvidenceByTwoPeople() external {
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryNotBlocked.selector, borrower));
        registry.requestUnblock(borrower, CASE);
        ban(borrower);
        VM.expectRevert(abi.encodeWithSelector(IKycRegistry.KycRegistryEvidenceZero.selector));
        registry.requestUnblock(borrower, 0);
        bytes memory reason = abi.encodeWithSelector(
            IKycRegistry.KycRegistryUnblockNotRequested.selector,
            borrower,
            CASE
        );
        VM.expectRevert(reason);
        registry.unblock(borrower, CASE);
        registry.requestUnblock(borrower, keccak256("another case"));
        (address requestedBy, bytes32 evidence) = registry.unblockRequestOf(borrower);
        VM.assertEq(requestedBy, address(this));
        VM.assertEq(evidence, keccak256("another case"));
        VM.expectRevert(reason);
        registry.unblock(borrower, CASE);
        registry.requestUnblock(borrower, CASE);
        VM.expectRevert(
            abi.encodeWithSelector(IKycRegistry.KycRegistryMakerIsChecker.selector, borrower, address(this))
        );
        registry.unblock(borrower, CASE);
        VM.assertFalse(registry.isEligible(borrower, KYC_POLICY));
        manager.grantRole(manager.ADMIN_ROLE(), stranger, 0);
        VM.prank(stranger);
        registry.unblock(borrower, CASE);
        VM.assertTrue(registry.isEligible(borrower, KYC_POLICY));
    }

    /* ADDRESSES THAT MOVE */

    function test_anAddressMovesToAnotherOnEvidence() external {
        bytes memory zero = abi.encodeWithSelector(IWalletRecovery.WalletRecoveryAddressZero.selector);
        _refusesToMove(address(0), _successor, CASE, zero);
        _refusesToMove(borrower, address(0), CASE, zero);
        bytes memory reason = abi.encodeWithSelector(IWalletRecovery.WalletRecoverySameAddress.selector, borrower);
        _refusesToMove(borrower, borrower, CASE, reason);
        reason = abi.encodeWithSelector(IWalletRecovery.WalletRecoveryEvidenceZero.selector);
        _refusesToMove(borrower, _successor, 0, reason);
    }

    function test_anAddressMovesAsTwoPeopleAgreed() external {
        bytes memory reason = abi.encodeWithSelector(IWalletRecovery.WalletRecoveryNotRequested.selector, borrower);
        refused(compliance, reason);
        wallets.approveRecovery(borrower, _successor, CASE);
        _request(borrower, _successor);
        refused(compliance, reason);
        wallets.approveRecovery(borrower, stranger, CASE);
        refused(compliance, reason);
        wallets.approveRecovery(borrower, _successor, keccak256("another case"));
        manager.grantRole(COMPLIANCE, supervisor, 0);
        refused(
            supervisor,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryMakerIsChecker.selector, borrower, supervisor)
        );
        wallets.approveRecovery(borrower, _successor, CASE);
    }

    function test_anAddressMovesInItsDaysWhenItsSuccessorSaysSo() external {
        _refusesToAccept(
            _successor,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryNotApproved.selector, borrower)
        );
        _request(borrower, _successor);
        VM.prank(compliance);
        wallets.approveRecovery(borrower, _successor, CASE);
        (, , , uint48 from, uint48 until) = wallets.approvalOf(borrower);
        VM.assertEq(from, block.timestamp + wallets.DELAY());
        _refusesToAccept(
            stranger,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryNotSuccessor.selector, borrower, stranger)
        );
        VM.warp(from - 1);
        _refusesToAccept(
            _successor,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryTooEarly.selector, borrower, from, from - 1)
        );
        VM.warp(until);
        _refusesToAccept(
            _successor,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryTooLate.selector, borrower, until, until)
        );
        VM.warp(until - 1);
        VM.prank(_successor);
        wallets.acceptRecovery(borrower);
        VM.assertEq(wallets.currentOf(borrower), _successor);
        VM.assertFalse(wallets.mayBorrow(borrower));
        VM.assertFalse(wallets.mayBorrow(_successor));
    }

    function test_movesAreLines() external {
        recover(borrower, _successor);
        _refusesToMove(
            borrower,
            stranger,
            CASE,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoveryMoved.selector, borrower, _successor)
        );
        _refusesToMove(
            stranger,
            _successor,
            CASE,
            abi.encodeWithSelector(IWalletRecovery.WalletRecoverySuccessorTaken.selector, _successor)
        );
    }

    function test_whoStillHasHerKeyStopsAMove() external {
        refused(borrower, abi.encodeWithSelector(IWalletRecovery.WalletRecoveryNotRequested.selector, borrower));
        wallets.vetoRecovery();
        _request(borrower, _successor);
        VM.prank(compliance);
        wallets.approveRecovery(borrower, _successor, CASE);
        _request(borrower, stranger);
        VM.prank(borrower);
        VM.expectEmit(address(wallets));
        emit IWalletRecovery.RecoveryVetoed(borrower, _successor);
        VM.expectEmit(address(wallets));
        emit IWalletRecovery.RecoveryVetoed(borrower, stranger);
        wallets.vetoRecovery();
    }

    /* THE MANAGER */

    function test_theManagerIsNobody() external {
        bytes memory reason = abi.encodeWithSelector(
            IAccessManaged.AccessManagedUnauthorized.selector,
            address(manager)
        );
        VM.expectRevert(reason);
        manager.execute(address(registry), abi.encodeCall(registry.revoke, (borrower, 1)));
        refused(supervisor, reason);
        manager.execute(address(wallets), abi.encodeCall(wallets.requestRecovery, (borrower, stranger, CASE)));
    }

    /* INTERNAL */

    function _statement() private view returns (Anchor memory) {
        return Anchor(stranger, KYC_POLICY, keccak256("credential"), uint48(block.timestamp + 1 days), 1, kycIssuer);
    }

    function _refuses(Anchor memory a, bytes memory reason) private {
        refused(kycIssuer, reason);
        registry.anchor(a, "");
    }

    function _request(address account, address successor) private {
        VM.prank(supervisor);
        wallets.requestRecovery(account, successor, CASE);
    }

    function _refusesToMove(address account, address successor, bytes32 evidence, bytes memory reason) private {
        refused(supervisor, reason);
        wallets.requestRecovery(account, successor, evidence);
    }

    function _refusesToAccept(address caller, bytes memory reason) private {
        refused(caller, reason);
        wallets.acceptRecovery(borrower);
    }
}
