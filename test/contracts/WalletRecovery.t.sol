// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {WalletRecovery} from "../../contracts/WalletRecovery.sol";

/// What the test runner does for a test.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
}

contract WalletRecoveryTest {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 private constant START = 1_700_000_000;
    uint256 private constant ACCOUNTS = 5;
    uint64 private constant OFFICER = 1;
    bytes32 private constant EVIDENCE = keccak256("case");

    /// An account as it should be, by the rules of the interface; accounts are numbered from 1, and 0 is nobody.
    struct Model {
        uint256 requested;
        uint256 requestedBy;
        uint256 approved;
        uint256 approvedAt;
        uint256 movedTo;
        uint256 tookOverFrom;
        uint256 tookOverAt;
    }

    WalletRecovery private _recovery;
    Model[ACCOUNTS + 1] private _models;

    /// Of the three officers each may request and approve.
    function setUp() external {
        AccessManager manager = new AccessManager(address(this));
        _recovery = new WalletRecovery(address(manager));
        bytes4[] memory names = new bytes4[](2);
        (names[0], names[1]) = (WalletRecovery.requestRecovery.selector, WalletRecovery.approveRecovery.selector);
        manager.setTargetFunctionRole(address(_recovery), names, OFFICER);
        for (uint256 i = 1; i <= 3; ++i) manager.grantRole(OFFICER, _officer(i), 0);
    }

    /// Whatever officers and holders of keys do in whatever order, the contract answers as the rules say, and the moves
    /// are lines: nobody takes over twice, nobody moves twice, every line ends.
    function testFuzz_INV82_answersAsTheRulesSay(uint256[64] memory seeds) external {
        uint256 timestamp = START;
        for (uint256 i = 0; i < seeds.length; ++i) {
            VM.warp(timestamp += 1 + ((seeds[i] >> 64) % 1 days));
            _act(seeds[i], timestamp);
            for (uint256 who = 1; who <= ACCOUNTS; ++who) _check(who, timestamp);
        }
    }

    /// With everything agreed beforehand, any order of acceptances leaves lines.
    function testFuzz_INV83_movesAreLines(uint256[ACCOUNTS] memory successors, uint256[16] memory order) external {
        VM.warp(START);
        for (uint256 who = 1; who <= ACCOUNTS; ++who) {
            uint256 to = 1 + (successors[who - 1] % ACCOUNTS);
            if (to == who) continue;
            _request(who, to, 1);
            _approve(who, 2, START);
        }
        uint256 later = START + _recovery.DELAY();
        VM.warp(later);
        for (uint256 i = 0; i < order.length; ++i) _accept(1 + (order[i] % ACCOUNTS), later);
        for (uint256 who = 1; who <= ACCOUNTS; ++who) _check(who, later);
    }

    function _act(uint256 seed, uint256 timestamp) private {
        uint256 who = 1 + ((seed >> 8) % ACCOUNTS);
        uint256 officer = 1 + ((seed >> 16) % 3);
        uint256 act = seed % 16;
        if (act < 4) _request(who, 1 + ((seed >> 24) % ACCOUNTS), officer);
        else if (act < 9) _approve(who, officer, timestamp);
        else if (act < 10) _veto(who);
        else _accept(who, timestamp);
    }

    function _request(uint256 who, uint256 to, uint256 officer) private {
        bool allowed = who != to && _models[who].movedTo == 0 && _isFree(to);
        VM.prank(_officer(officer));
        try _recovery.requestRecovery(_account(who), _account(to), EVIDENCE) {
            assert(allowed);
            (_models[who].requested, _models[who].requestedBy) = (to, officer);
        } catch {
            assert(!allowed);
        }
    }

    function _approve(uint256 who, uint256 officer, uint256 timestamp) private {
        Model storage m = _models[who];
        bool allowed = m.requested != 0 && m.requestedBy != officer && _isFree(m.requested);
        VM.prank(_officer(officer));
        try _recovery.approveRecovery(_account(who), _account(m.requested), EVIDENCE) {
            assert(allowed);
            (m.approved, m.approvedAt, m.requested) = (m.requested, timestamp, 0);
        } catch {
            assert(!allowed);
        }
    }

    function _veto(uint256 who) private {
        Model storage m = _models[who];
        VM.prank(_account(who));
        try _recovery.vetoRecovery() {
            assert(m.requested + m.approved != 0);
            (m.requested, m.approved) = (0, 0);
        } catch {
            assert(m.requested + m.approved == 0);
        }
    }

    function _accept(uint256 who, uint256 timestamp) private {
        Model storage m = _models[who];
        uint256 to = m.approved;
        bool allowed =
            to != 0 && timestamp >= m.approvedAt + 3 days && timestamp < m.approvedAt + 17 days && _isFree(to);
        VM.prank(_account(to));
        try _recovery.acceptRecovery(_account(who)) {
            assert(allowed);
            (m.requested, m.approved, m.movedTo) = (0, 0, to);
            (_models[to].tookOverFrom, _models[to].tookOverAt) = (who, timestamp);
        } catch {
            assert(!allowed);
        }
    }

    function _isFree(uint256 who) private view returns (bool) {
        return who != 0 && _models[who].movedTo == 0 && _models[who].tookOverAt == 0;
    }

    function _check(uint256 who, uint256 timestamp) private view {
        Model storage m = _models[who];
        assert(_recovery.currentOf(_account(who)) == _account(_endOf(who)));
        assert(_recovery.originOf(_account(who)) == _account(_beginningOf(who)));
        bool free = m.tookOverAt == 0 || timestamp >= m.tookOverAt + 7 days;
        assert(_recovery.mayBorrow(_account(who)) == (m.movedTo == 0 && free));
        (address requested, , ) = _recovery.requestOf(_account(who));
        assert(requested == _account(m.requested));
        (address approved, , , uint48 from, ) = _recovery.approvalOf(_account(who));
        assert(approved == _account(m.approved));
        assert(m.approved == 0 || from == m.approvedAt + 3 days);
    }

    /// The end of the line; a ring would be longer than there are accounts.
    function _endOf(uint256 who) private view returns (uint256 end) {
        end = who;
        for (uint256 steps = 0; _models[end].movedTo != 0; ++steps) {
            assert(steps < ACCOUNTS);
            end = _models[end].movedTo;
        }
    }

    function _beginningOf(uint256 who) private view returns (uint256 beginning) {
        beginning = who;
        for (uint256 steps = 0; _models[beginning].tookOverFrom != 0; ++steps) {
            assert(steps < ACCOUNTS);
            beginning = _models[beginning].tookOverFrom;
        }
    }

    function _account(uint256 who) private pure returns (address) {
        return who == 0 ? address(0) : address(uint160(0xacc0 + who));
    }

    function _officer(uint256 who) private pure returns (address) {
        return address(uint160(0x0ff0 + who));
    }
}
