// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {KycRegistry} from "../../contracts/KycRegistry.sol";
import {Anchor, KycRecord} from "../../contracts/interfaces/IKycRegistry.sol";

/// What the test runner does for a test.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function prank(address sender) external;
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
}

contract KycRegistryTest {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 private constant ISSUER = 1;
    uint64 private constant COMPLIANCE = 2;
    uint64 private constant SUPERVISOR = 3;
    uint256 private constant START = 1_700_000_000;
    uint256 private constant KEY = 0xa4ad1;
    address private constant MAKER = address(0xc0);
    address private constant CHECKER = address(0xc1);
    bytes32 private constant EVIDENCE = keccak256("case");

    /// The account as it should be: written by the rules of the interface, one line each.
    struct Model {
        uint48 validUntil;
        uint32 policy;
        uint32 sequence;
        uint256 issuer;
        bool revoked;
        bool blocked;
        bool requested;
    }

    AccessManager private _manager;
    KycRegistry private _registry;
    address[2] private _issuers;

    Model[3] private _models;
    bool[2] private _delisted;

    function setUp() external {
        VM.warp(START);
        _manager = new AccessManager(address(this));
        _registry = new KycRegistry(address(_manager));
        _issuers = [VM.addr(KEY), address(0xb1)];
        bytes4[] memory names = new bytes4[](3);
        (names[0], names[1], names[2]) = (KycRegistry.anchor.selector, KycRegistry.revoke.selector, bytes4(0));
        _manager.setTargetFunctionRole(address(_registry), names, ISSUER);
        (names[0], names[1], names[2]) = (
            KycRegistry.blockAccounts.selector,
            KycRegistry.requestUnblock.selector,
            KycRegistry.delistIssuer.selector
        );
        _manager.setTargetFunctionRole(address(_registry), names, COMPLIANCE);
        (names[0], names[1], names[2]) = (KycRegistry.unblock.selector, bytes4(0), bytes4(0));
        _manager.setTargetFunctionRole(address(_registry), names, SUPERVISOR);
        _manager.grantRole(ISSUER, _issuers[0], 0);
        _manager.grantRole(ISSUER, _issuers[1], 0);
        _manager.grantRole(COMPLIANCE, MAKER, 0);
        _manager.grantRole(SUPERVISOR, CHECKER, 0);
    }

    /// What is stated is stored, member by member, and nothing of one reaches another.
    function testFuzz_INV77_whatIsStatedIsStored(Anchor memory a, uint32 step) external {
        a = _bounded(a, step);
        VM.prank(a.issuer);
        _registry.anchor(a, "");
        KycRecord memory r = _registry.recordOf(a.account);
        assert(r.commitment == a.commitment);
        assert(r.validUntil == a.validUntil);
        assert(r.anchoredAt == START);
        assert(r.policy == a.policy);
        assert(r.sequence == a.sequence);
        assert(r.issuer == a.issuer);
        assert(!r.revoked && !r.blocked);
    }

    /// Eligible at exactly the seconds from anchoring to before the end, under exactly the policy.
    function testFuzz_INV78_eligibleExactlyWithinItsTime(
        Anchor memory a,
        uint256 timestamp,
        uint32 policy,
        bool near
    ) external {
        a = _bounded(a, 1);
        VM.prank(a.issuer);
        _registry.anchor(a, "");
        // Half of the seconds around the two ends, where something happens.
        if (near) timestamp = (timestamp % 2 == 0 ? START : a.validUntil) - 2 + ((timestamp >> 1) % 5);
        bool within = timestamp >= START && timestamp < a.validUntil;
        assert(_registry.isEligibleAt(a.account, a.policy, timestamp) == within);
        assert(_registry.isEligibleAt(a.account, policy, timestamp) == (within && policy == a.policy));
        assert(!_registry.isEligibleAt(address(~uint160(a.account)), a.policy, timestamp));
    }

    /// A signature is for its statement alone: with any bit of any member turned it is nobody's.
    function testFuzz_INV79_signatureIsForItsStatementAlone(Anchor memory a, uint8 member, uint256 bit) external {
        a = _bounded(a, 1);
        a.issuer = _issuers[0];
        a.account = address(uint160(a.account) | (7 << 100));
        bytes memory signature = _sign(a);
        Anchor memory turned = abi.decode(abi.encode(a), (Anchor));
        member %= 3;
        if (member == 0) turned.account = address(uint160(a.account) ^ uint160(1 << (bit % 100)));
        if (member == 1) turned.commitment = a.commitment ^ bytes32(1 << (bit % 256));
        if (member == 2) turned.policy = a.policy == 1 ? 2 : a.policy - 1;
        try _registry.anchor(turned, signature) {
            assert(false);
        } catch {}
        _registry.anchor(a, signature);
        assert(_registry.isEligible(a.account, a.policy));
    }

    /// Whatever issuers and compliance do in whatever order, the registry answers as the rules say; no sequence falls,
    /// and only two people end a block.
    function testFuzz_INV80_answersAsTheRulesSay(uint256[24] memory seeds) external {
        for (uint256 i = 0; i < seeds.length; ++i) {
            VM.warp(START + i * 1 hours);
            _act(seeds[i]);
            for (uint256 who = 0; who < 3; ++who) _check(who, seeds[i] >> 128);
        }
    }

    function _act(uint256 seed) private {
        uint256 who = (seed >> 8) % 3;
        uint256 act = seed % 8;
        if (act < 3) _anchor(who, seed >> 16);
        else if (act == 3) _revoke(who, seed >> 16);
        else if (act == 4) _block(who);
        else if (act == 5) _request(who);
        else if (act == 6) _unblock(who);
        else _delist((seed >> 16) % 4);
    }

    function _anchor(uint256 who, uint256 seed) private {
        Model storage m = _models[who];
        uint256 issuer = seed & 1;
        Anchor memory a = Anchor({
            account: _account(who),
            policy: uint32(1 + ((seed >> 1) & 1)),
            commitment: keccak256(abi.encode(seed, block.timestamp)),
            validUntil: uint48(block.timestamp + ((seed >> 8) % 6 hours)),
            sequence: uint32((m.sequence + ((seed >> 32) % 4)) - ((seed >> 40) & 1 & (m.sequence > 0 ? 1 : 0))),
            issuer: _issuers[issuer]
        });
        bool allowed = a.sequence > m.sequence && a.validUntil > block.timestamp && !_delisted[issuer];
        VM.prank(_issuers[issuer]);
        try _registry.anchor(a, "") {
            assert(allowed);
            (m.validUntil, m.policy, m.sequence) = (a.validUntil, a.policy, a.sequence);
            (m.issuer, m.revoked) = (issuer, false);
        } catch {
            assert(!allowed);
        }
    }

    function _revoke(uint256 who, uint256 seed) private {
        Model storage m = _models[who];
        uint32 sequence = uint32(seed % 8);
        VM.prank(_issuers[(seed >> 8) & 1]);
        try _registry.revoke(_account(who), sequence) {
            assert(sequence + m.sequence > 0);
            m.revoked = true;
            if (sequence > m.sequence) m.sequence = sequence;
        } catch {
            assert(sequence + m.sequence == 0);
        }
    }

    function _block(uint256 who) private {
        address[] memory accounts = new address[](1);
        accounts[0] = _account(who);
        VM.prank(MAKER);
        _registry.blockAccounts(accounts, EVIDENCE);
        (_models[who].blocked, _models[who].requested) = (true, false);
    }

    function _request(uint256 who) private {
        VM.prank(MAKER);
        try _registry.requestUnblock(_account(who), EVIDENCE) {
            assert(_models[who].blocked);
            _models[who].requested = true;
        } catch {
            assert(!_models[who].blocked);
        }
    }

    function _unblock(uint256 who) private {
        VM.prank(CHECKER);
        try _registry.unblock(_account(who), EVIDENCE) {
            assert(_models[who].blocked && _models[who].requested);
            (_models[who].blocked, _models[who].requested) = (false, false);
        } catch {
            assert(!_models[who].requested);
        }
    }

    /// The second issuer comes and goes; the first stays, so that something goes on happening.
    function _delist(uint256 choice) private {
        if (choice > 1) return;
        if (choice == 0 && !_delisted[1]) {
            VM.prank(MAKER);
            _registry.delistIssuer(_issuers[1]);
            _delisted[1] = true;
            return;
        }
        try _registry.relistIssuer(_issuers[1]) {
            assert(_delisted[1]);
            _delisted[1] = false;
        } catch {
            assert(!_delisted[1]);
        }
    }

    function _check(uint256 who, uint256 seed) private view {
        Model storage m = _models[who];
        uint32 policy = uint32(seed % 3);
        bool expected =
            policy != 0 &&
                policy == m.policy &&
                block.timestamp < m.validUntil &&
                !m.revoked &&
                !m.blocked &&
                !_delisted[m.issuer];
        assert(_registry.isEligible(_account(who), policy) == expected);
        KycRecord memory r = _registry.recordOf(_account(who));
        assert(r.sequence == m.sequence && r.blocked == m.blocked && r.revoked == m.revoked);
    }

    function _account(uint256 who) private pure returns (address) {
        return address(uint160(0xacc0 + who));
    }

    /// The drawn statement within the bounds, by one of the two issuers.
    function _bounded(Anchor memory a, uint32 step) private view returns (Anchor memory) {
        if (a.account == address(0)) a.account = address(1);
        if (a.policy == 0) a.policy = 1;
        if (a.commitment == 0) a.commitment = bytes32(uint256(1));
        a.validUntil = uint48(START + 1 + (a.validUntil % _registry.MAX_VALIDITY()));
        a.sequence = 1 + (step % uint32(_registry.MAX_SEQUENCE_STEP()));
        a.issuer = _issuers[uint160(a.issuer) & 1];
        return a;
    }

    function _sign(Anchor memory a) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(KEY, _registry.anchorDigest(a));
        return abi.encodePacked(r, s, v);
    }
}
