// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {KycRegistry} from "../../../contracts/KycRegistry.sol";
import {LendingPool} from "../../../contracts/LendingPool.sol";
import {LoanBook} from "../../../contracts/LoanBook.sol";
import {LoanMetadata} from "../../../contracts/LoanMetadata.sol";
import {WalletRecovery} from "../../../contracts/WalletRecovery.sol";
import {Anchor} from "../../../contracts/interfaces/IKycRegistry.sol";
import {LendingLimits, PoolRules} from "../../../contracts/interfaces/ILendingPool.sol";
import {
    Agreement,
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    Restructuring
} from "../../../contracts/interfaces/ILoanBook.sol";
import {AgeRule} from "../../../contracts/libraries/AgeBrackets.sol";
import {TestDollar} from "../../../contracts/local/TestDollar.sol";
import {ContractWallet} from "./ContractWallet.sol";
import {OddToken} from "./OddToken.sol";
import {VM} from "./Vm.sol";

/// @title The institution as it is deployed, the people around it, and what they do all day
/// @dev The Solidity side of `world.ts`. The test itself is the governor, without the delay: that is OpenZeppelin's.
abstract contract Institution {
    uint64 internal constant UNDERWRITER = 1;
    uint64 internal constant SUPERVISOR = 3;
    uint64 internal constant KYC_ISSUER = 4;
    uint64 internal constant GUARDIAN = 5;
    uint64 internal constant COMPLIANCE = 6;

    uint8 internal constant AS_BORROWER = 1;
    uint8 internal constant AS_LENDER = 2;

    /// Base units of the test dollar in a cent.
    uint256 internal constant UNIT = 10_000;
    int32 internal constant UTC_OFFSET = 3 hours;
    uint32 internal constant KYC_POLICY = 1;
    /// Every test begins at its noon: 2025-07-31 in Nairobi.
    uint32 internal constant FIRST_DAY = 20_300;
    /// Where seed deposits go: nobody has the key.
    address internal constant NOBODY = address(0xdead);

    /// What an instalment of `draft` holds, cents.
    uint64 internal constant PRINCIPAL = 10_000;
    uint64 internal constant INTEREST = 1_000;
    uint64 internal constant FEE = 100;
    uint64 internal constant ROW = PRINCIPAL + INTEREST + FEE;

    AccessManager internal manager;
    KycRegistry internal registry;
    WalletRecovery internal wallets;
    LoanBook internal book;
    LendingPool internal pool;
    TestDollar internal dollar;

    address internal borrower = person("borrower");
    address internal lender = person("lender");
    address internal depositor = person("depositor");
    address internal stranger = person("stranger");
    address internal underwriter = person("underwriter");
    address internal approver = person("approver");
    address internal secondApprover = person("second approver");
    address internal supervisor = person("supervisor");
    address internal guardian = person("guardian");
    address internal kycIssuer = person("KYC issuer");
    address internal compliance = person("compliance");
    /// A contract that pays out and takes in cash for people without wallets: a recorder.
    address internal desk;

    mapping(address account => uint256) private _keys;
    uint256 private _salt;

    /* BEGINNING */

    function setUp() public virtual {
        goToDay(FIRST_DAY);
        manager = new AccessManager(address(this));
        registry = new KycRegistry(address(manager));
        wallets = new WalletRecovery(address(manager));
        book = new LoanBook(address(manager), wallets, new LoanMetadata());
        dollar = new TestDollar();
        book.setCurrency(address(dollar), true);
        desk = address(new ContractWallet(supervisor));
        book.setRecorder(desk, true);
        _grantRoles();
        anchor(borrower);
        _beginIn(dollar);
    }

    /// From here on the institution lends in a token that misbehaves when it is told to.
    function useOddToken() internal returns (OddToken odd) {
        odd = new OddToken(6);
        dollar = TestDollar(address(odd));
        book.setCurrency(address(odd), true);
        _beginIn(dollar);
    }

    /// A registered pool with the usual roles and limits.
    function openPool(IERC20 asset, PoolRules memory poolRules) internal returns (LendingPool opened) {
        opened = new LendingPool(address(manager), book, registry, asset, poolRules, "Ahadi Pool", "aTUSD");
        book.registerPool(address(opened));
        opened.setLimits(limits());
        _allow(address(opened), UNDERWRITER, LendingPool.originate.selector);
        _allow(address(opened), UNDERWRITER, LendingPool.approveLoan.selector);
        _allow(address(opened), UNDERWRITER, LendingPool.restructure.selector);
        _allow(address(opened), SUPERVISOR, LendingPool.writeOff.selector);
        _allow(address(opened), SUPERVISOR, LendingPool.sellNote.selector);
        _allow(address(opened), SUPERVISOR, LendingPool.depositCover.selector);
        _allow(address(opened), GUARDIAN, LendingPool.pause.selector);
    }

    function rules() internal pure returns (PoolRules memory r) {
        r.utcOffset = UTC_OFFSET;
        r.nonAccrualDays = 30;
        r.managementFeeBps = 1_000;
        r.writeOffDays = 180;
        r.kycPolicy = KYC_POLICY;
        r.minRedemption = uint128(100 * UNIT);
        r.ageing = new AgeRule[](4);
        r.ageing[0] = AgeRule(0, 0);
        r.ageing[1] = AgeRule(30, 1_000);
        r.ageing[2] = AgeRule(60, 5_000);
        r.ageing[3] = AgeRule(90, 10_000);
    }

    /// Wide enough for tests that are about something else.
    function limits() internal pure returns (LendingLimits memory) {
        return
            LendingLimits({
                oneApprovalUpTo: 1e24,
                maxPrincipal: 1e24,
                maxPerBorrower: 1e26,
                maxOutstanding: 1e28,
                rateCapacity: 1e28,
                rateWindow: 1 days,
                maxTermDays: 3_660,
                maxCostBps: 100_000
            });
    }

    function person(string memory name) internal returns (address account) {
        uint256 key = uint256(keccak256(bytes(name)));
        account = VM.addr(key);
        _keys[account] = key;
        VM.label(account, name);
    }

    /// Money, and allowances for LoanBook and the pool.
    function fund(address account) internal {
        dollar.mint(account, 1e30);
        VM.prank(account);
        dollar.approve(address(book), 1e30);
        VM.prank(account);
        dollar.approve(address(pool), 1e30);
    }

    /// KYC for `account`, as long as the registry allows.
    function anchor(address account) internal {
        Anchor memory statement;
        statement.account = account;
        statement.policy = KYC_POLICY;
        statement.commitment = keccak256(abi.encode("credential", account));
        statement.validUntil = uint48(block.timestamp + registry.MAX_VALIDITY());
        statement.sequence = registry.recordOf(account).sequence + 1;
        statement.issuer = kycIssuer;
        VM.prank(kycIssuer);
        registry.anchor(statement, "");
    }

    /* TIME */

    function today() internal view returns (uint32) {
        return uint32((block.timestamp + uint32(UTC_OFFSET)) / 1 days);
    }

    /// To its noon.
    function goToDay(uint32 day) internal {
        VM.warp(uint256(day) * 1 days + 12 hours - uint32(UTC_OFFSET));
    }

    /* AGREEING */

    /// The pool lends 400.00, repaid in four weeks.
    function draft() internal returns (Agreement memory) {
        return draft(address(pool), 4);
    }

    /// `from` lends 100.00 for each of `count` weeks and gets 10.00 interest and 1.00 fee with each instalment. A penalty of
    /// 0.1 % a day after 5 days, at most 50.00; settled pro rata; disbursed within 5 days.
    function draft(address from, uint256 count) internal returns (Agreement memory a) {
        a.borrower = borrower;
        a.lender = from;
        a.currency = address(dollar);
        a.unit = UNIT;
        a.payee = borrower;
        a.disburseFromDay = today();
        a.disburseUntilDay = today() + 5;
        a.penaltyRateBps = 3_650;
        a.penaltyGraceDays = 5;
        a.penaltyCap = 5_000;
        a.waterfall = 0x00010203;
        a.earlySettlement = 1;
        a.reversalDays = 7;
        a.coolingOffDays = 3;
        a.utcOffset = UTC_OFFSET;
        a.documentHash = keccak256("terms");
        a.language = "sw-KE";
        a.salt = bytes32(++_salt);
        a.expiry = 4_000_000_000;
        a.schedule = weekly(today() + 7, count);
        total(a);
    }

    /// The usual instalment each week from `day` on.
    function weekly(uint32 day, uint256 count) internal pure returns (Instalment[] memory rows) {
        rows = new Instalment[](count);
        for (uint256 i = 0; i < count; ++i) rows[i] = Instalment(day + uint32(7 * i), PRINCIPAL, INTEREST, FEE);
    }

    /// Writes what is signed beside the table and follows from it.
    function total(Agreement memory a) internal pure {
        (a.principal, a.totalRepayable) = (0, 0);
        for (uint256 i = 0; i < a.schedule.length; ++i) {
            Instalment memory row = a.schedule[i];
            a.principal += row.principal;
            a.totalRepayable += row.principal + row.interest + row.fee;
        }
        a.count = uint16(a.schedule.length);
        (a.firstDay, a.lastDay) = (a.schedule[0].day, a.schedule[a.count - 1].day);
    }

    function sign(address signer, bytes32 digest) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        return VM.sign(_keys[signer], digest);
    }

    function signed(address signer, bytes32 digest) internal view returns (bytes memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = sign(signer, digest);
        return abi.encodePacked(r, s, v);
    }

    function borrowerConsent(Agreement memory a) internal view returns (bytes memory) {
        return signed(a.borrower, book.consentDigest(AS_BORROWER, a));
    }

    function lenderConsent(Agreement memory a) internal view returns (bytes memory) {
        return signed(a.lender, book.consentDigest(AS_LENDER, a));
    }

    /// The borrower signs; the pool lends with the approval of one underwriter, a person by calling.
    function lend(Agreement memory a) internal returns (bytes32 loanId) {
        bytes memory consent = borrowerConsent(a);
        if (a.lender != address(pool)) {
            VM.prank(a.lender);
            return book.originate(a, consent, "");
        }
        approve(approver, book.loanIdOf(a));
        VM.prank(underwriter);
        return pool.originate(a, consent);
    }

    function approve(address by, bytes32 id) internal {
        VM.prank(by);
        pool.approveLoan(id);
    }

    /* SERVICING */

    function deposit(uint256 cents) internal returns (uint256 shares) {
        VM.prank(depositor);
        return pool.deposit(cents * UNIT, depositor);
    }

    /// The institution adds base units to its cover.
    function topUp(uint256 amount) internal {
        VM.prank(supervisor);
        pool.depositCover(amount);
    }

    function pay(bytes32 loanId, uint64 cents) internal returns (Components memory paid) {
        return pay(borrower, loanId, cents);
    }

    function pay(address payer, bytes32 loanId, uint64 cents) internal returns (Components memory paid) {
        VM.prank(payer);
        return book.repay(loanId, cents);
    }

    /// A new table that fits the loan as it stands now: all outstanding principal and `capitalised`, in `count` weekly parts
    /// (the first takes the rest) with the usual interest.
    function draftRestructuring(
        bytes32 loanId,
        uint256 count,
        uint64 capitalised
    ) internal view returns (Restructuring memory r) {
        LoanView memory loan = book.loanOf(loanId);
        r.loanId = loanId;
        r.version = loan.version + 1;
        r.payments = loan.payments;
        r.paid = loan.paid;
        r.capitalised = capitalised;
        r.principal = loan.principal - loan.paid.principal + capitalised;
        r.documentHash = keccak256("new terms");
        r.expiry = 4_000_000_000;
        uint64 part = r.principal / uint64(count);
        r.schedule = weekly(today() + 7, count);
        for (uint256 i = 0; i < count; ++i) (r.schedule[i].principal, r.schedule[i].fee) = (part, 0);
        r.schedule[0].principal = r.principal - part * uint64(count - 1);
        r.totalRepayable = r.principal + INTEREST * uint64(count);
        r.count = uint16(count);
        (r.firstDay, r.lastDay) = (r.schedule[0].day, r.schedule[count - 1].day);
    }

    /// The borrower signs; the pool does with two approvals, a person by calling.
    function restructure(Restructuring memory r) internal {
        bytes memory consent = signed(borrower, book.restructuringDigest(AS_BORROWER, r));
        address owner = book.ownerOf(uint256(r.loanId));
        if (owner != address(pool)) {
            VM.prank(owner);
            return book.restructure(r, consent, "");
        }
        bytes32 digest = book.restructuringDigest(AS_LENDER, r);
        approve(approver, digest);
        approve(secondApprover, digest);
        VM.prank(underwriter);
        pool.restructure(r, consent);
    }

    /// A borrower's address moves, which takes its days.
    function recover(address account, address successor) internal {
        VM.prank(supervisor);
        wallets.requestRecovery(account, successor, keccak256("case"));
        VM.prank(compliance);
        wallets.approveRecovery(account, successor, keccak256("case"));
        VM.warp(block.timestamp + wallets.DELAY());
        VM.prank(successor);
        wallets.acceptRecovery(account);
    }

    /// Compliance blocks `account`: nobody lends to it any more.
    function ban(address account) internal {
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        VM.prank(compliance);
        registry.blockAccounts(accounts, keccak256("case"));
    }

    /* EXPECTING */

    /// What `caller` calls next reverts with exactly `reason`.
    function refused(address caller, bytes memory reason) internal {
        VM.prank(caller);
        VM.expectRevert(reason);
    }

    function wrongState(bytes32 loanId, LoanState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ILoanBook.LoanBookWrongState.selector, loanId, state);
    }

    function equal(Components memory actual, Components memory expected) internal pure {
        VM.assertEq(actual.penalty, expected.penalty);
        VM.assertEq(actual.fee, expected.fee);
        VM.assertEq(actual.interest, expected.interest);
        VM.assertEq(actual.principal, expected.principal);
    }

    /* INTERNAL */

    /// A pool with its seed, and money and allowances for everybody.
    function _beginIn(TestDollar currency) private {
        pool = openPool(currency, rules());
        address[7] memory people = [borrower, lender, depositor, stranger, desk, supervisor, address(this)];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
        pool.deposit(100 * UNIT, NOBODY);
    }

    function _allow(address target, uint64 role, bytes4 name) private {
        bytes4[] memory names = new bytes4[](1);
        names[0] = name;
        manager.setTargetFunctionRole(target, names, role);
    }

    /// As the deployment's handover does.
    function _grantRoles() private {
        _allow(address(book), GUARDIAN, LoanBook.pause.selector);
        _allow(address(registry), KYC_ISSUER, KycRegistry.anchor.selector);
        _allow(address(registry), COMPLIANCE, KycRegistry.blockAccounts.selector);
        _allow(address(wallets), SUPERVISOR, WalletRecovery.requestRecovery.selector);
        _allow(address(wallets), COMPLIANCE, WalletRecovery.approveRecovery.selector);
        manager.grantRole(UNDERWRITER, underwriter, 0);
        manager.grantRole(UNDERWRITER, approver, 0);
        manager.grantRole(UNDERWRITER, secondApprover, 0);
        manager.grantRole(SUPERVISOR, supervisor, 0);
        manager.grantRole(KYC_ISSUER, kycIssuer, 0);
        manager.grantRole(GUARDIAN, guardian, 0);
        manager.grantRole(COMPLIANCE, compliance, 0);
    }
}
