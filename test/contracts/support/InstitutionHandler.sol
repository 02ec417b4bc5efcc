// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Act, InstitutionActs} from "./InstitutionActs.sol";

/// @title What may happen to an institution, for a fuzzer to call in any order
/// @dev Only hands on, so that nothing else of `InstitutionActs` is called.
contract InstitutionHandler {
    InstitutionActs private immutable _acts;

    constructor(InstitutionActs acts) {
        _acts = acts;
    }

    function wait(uint256 seed) external {
        _acts.perform(Act.Wait, seed);
    }

    function save(uint256 seed) external {
        _acts.perform(Act.Deposit, seed);
    }

    function roundTrip(uint256 seed) external {
        _acts.perform(Act.RoundTrip, seed);
    }

    function request(uint256 seed) external {
        _acts.perform(Act.Request, seed);
    }

    function fulfil(uint256 seed) external {
        _acts.perform(Act.Fulfil, seed);
    }

    function claim(uint256 seed) external {
        _acts.perform(Act.Claim, seed);
    }

    function redeemNow(uint256 seed) external {
        _acts.perform(Act.RedeemNow, seed);
    }

    function lend(uint256 seed) external {
        _acts.perform(Act.Lend, seed);
    }

    function lendByDesk(uint256 seed) external {
        _acts.perform(Act.LendByDesk, seed);
    }

    function lendByPerson(uint256 seed) external {
        _acts.perform(Act.LendByPerson, seed);
    }

    function activate(uint256 seed) external {
        _acts.perform(Act.Activate, seed);
    }

    function cancel(uint256 seed) external {
        _acts.perform(Act.Cancel, seed);
    }

    function giveBack(uint256 seed) external {
        _acts.perform(Act.GiveBack, seed);
    }

    function repay(uint256 seed) external {
        _acts.perform(Act.Repay, seed);
    }

    function payOff(uint256 seed) external {
        _acts.perform(Act.PayOff, seed);
    }

    function repayMany(uint256 seed) external {
        _acts.perform(Act.RepayMany, seed);
    }

    function reverse(uint256 seed) external {
        _acts.perform(Act.Reverse, seed);
    }

    function restructure(uint256 seed) external {
        _acts.perform(Act.Restructure, seed);
    }

    function writeOff(uint256 seed) external {
        _acts.perform(Act.WriteOff, seed);
    }

    function sell(uint256 seed) external {
        _acts.perform(Act.Sell, seed);
    }

    function giveNote(uint256 seed) external {
        _acts.perform(Act.GiveNote, seed);
    }

    function coverIn(uint256 seed) external {
        _acts.perform(Act.CoverIn, seed);
    }

    function coverOut(uint256 seed) external {
        _acts.perform(Act.CoverOut, seed);
    }

    function collectFees(uint256 seed) external {
        _acts.perform(Act.CollectFees, seed);
    }

    function collectHeld(uint256 seed) external {
        _acts.perform(Act.CollectHeld, seed);
    }

    function donate(uint256 seed) external {
        _acts.perform(Act.Donate, seed);
    }

    function roll(uint256 seed) external {
        _acts.perform(Act.Roll, seed);
    }

    function refuse(uint256 seed) external {
        _acts.perform(Act.Refuse, seed);
    }

    function intrude(uint256 seed) external {
        _acts.perform(Act.Intrude, seed);
    }
}
