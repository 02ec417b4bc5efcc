// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ageing, AgeBrackets, AgeRule} from "../../../contracts/libraries/AgeBrackets.sol";

/// @title Age brackets that anybody may write
/// @dev Each operation answers with an event that tells its gas without the call's.
contract BracketsHarness {
    using AgeBrackets for Ageing;

    Ageing private _book;

    event Done(uint256 gasUsed);

    constructor(AgeRule[] memory rules, uint32 today) {
        _book.begin(rules, today);
    }

    function add(uint32 dueDay, uint256 amount) external {
        uint256 gasBefore = gasleft();
        _book.add(dueDay, amount);
        emit Done(gasBefore - gasleft());
    }

    function addMany(uint32 dueDay, uint256 amount, uint256 times) external {
        for (uint256 i = 0; i < times; ++i) _book.add(dueDay, amount);
    }

    function remove(uint32 dueDay, uint256 amount) external {
        uint256 gasBefore = gasleft();
        _book.remove(dueDay, amount);
        emit Done(gasBefore - gasleft());
    }

    function move(uint32 fromDay, uint256 before, uint32 toDay, uint256 rest) external {
        uint256 gasBefore = gasleft();
        _book.move(fromDay, before, toDay, rest);
        emit Done(gasBefore - gasleft());
    }

    function roll(uint32 today, uint256 maxDays) external {
        uint256 gasBefore = gasleft();
        _book.roll(today, maxDays);
        emit Done(gasBefore - gasleft());
    }

    function atRiskOn(uint32 today) external view returns (uint256[8] memory) {
        return _book.atRiskOn(today);
    }

    function portfolioAtRisk(uint32 moreThanDays, uint32 today) external view returns (uint256) {
        return _book.portfolioAtRisk(moreThanDays, today);
    }

    function provision(uint32 today) external view returns (uint256) {
        return _book.provision(today);
    }

    function provisionAhead(uint256 principal, uint32 today) external view returns (uint256) {
        return _book.provisionAhead(principal, today);
    }

    function day() external view returns (uint32) {
        return _book.day;
    }

    function outstanding(uint32 dueDay) external view returns (uint256) {
        return _book.outstanding[dueDay];
    }

    /// The view's gas without the call's: what an exit price pays for it.
    function gasOfView(uint256 principal, uint32 today) external view returns (uint256) {
        uint256 gasBefore = gasleft();
        _book.provisionAhead(principal, today);
        return gasBefore - gasleft();
    }
}
