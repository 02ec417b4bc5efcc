// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Aged, Ageing, AgeBrackets, AgeRule} from "../../../contracts/libraries/AgeBrackets.sol";

struct Amounts {
    uint256 principal;
    uint256 interest;
}

/// @title Age brackets that anybody may write
/// @dev Each operation answers with an event that tells its gas without the call's.
contract BracketsHarness {
    using AgeBrackets for Aged;
    using AgeBrackets for Ageing;

    Ageing private _book;

    event Done(uint256 gasUsed);

    constructor(AgeRule[] memory rules, uint32 today) {
        _book.begin(rules, today);
    }

    function add(uint32 dueDay, Amounts memory amounts) external {
        uint256 gasBefore = gasleft();
        _book.add(dueDay, _aged(amounts));
        emit Done(gasBefore - gasleft());
    }

    function addMany(uint32 dueDay, Amounts memory amounts, uint256 times) external {
        for (uint256 i = 0; i < times; ++i) _book.add(dueDay, _aged(amounts));
    }

    function remove(uint32 dueDay, Amounts memory amounts) external {
        uint256 gasBefore = gasleft();
        _book.remove(dueDay, _aged(amounts));
        emit Done(gasBefore - gasleft());
    }

    function move(uint32 fromDay, Amounts memory before, uint32 toDay, Amounts memory rest) external {
        uint256 gasBefore = gasleft();
        _book.move(fromDay, _aged(before), toDay, _aged(rest));
        emit Done(gasBefore - gasleft());
    }

    function roll(uint32 today, uint256 maxDays) external {
        uint256 gasBefore = gasleft();
        _book.roll(today, maxDays);
        emit Done(gasBefore - gasleft());
    }

    function atRiskOn(uint32 today) external view returns (Amounts[8] memory sums) {
        Aged[8] memory atRisk = _book.atRiskOn(today);
        for (uint256 i = 0; i < 8; ++i) sums[i] = _amounts(atRisk[i]);
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

    function outstanding(uint32 dueDay) external view returns (Amounts memory) {
        return _amounts(_book.outstanding[dueDay]);
    }

    /// The view's gas without the call's: what an exit price pays for it.
    function gasOfView(uint256 principal, uint32 today) external view returns (uint256) {
        uint256 gasBefore = gasleft();
        _book.provisionAhead(principal, today);
        return gasBefore - gasleft();
    }

    function _aged(Amounts memory amounts) private pure returns (Aged) {
        return AgeBrackets.aged(amounts.principal, amounts.interest);
    }

    function _amounts(Aged amount) private pure returns (Amounts memory) {
        return Amounts(amount.principalOf(), amount.interestOf());
    }
}
