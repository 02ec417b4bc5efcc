// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Components,
    ILoanBook,
    Instalment,
    LoanState,
    LoanView,
    Position
} from "../../../contracts/interfaces/ILoanBook.sol";

/// @title The views of a loan book that draw a loan, with whatever figures a test wants to see drawn
/// @dev Stricter than a loan book need be: what somebody owes has an answer only while somebody owes.
contract FakeLoanBook {
    struct Figures {
        uint64 outstanding;
        Components due;
        Components payoff;
        uint32 daysPastDue;
        uint32 today;
        /// Due day of the first instalment; one follows each week.
        uint32 firstDay;
    }

    mapping(bytes32 loanId => LoanView) private _loans;
    mapping(bytes32 loanId => Figures) private _figures;

    function set(bytes32 loanId, LoanView calldata loan, Figures calldata figures) external {
        _loans[loanId] = loan;
        _figures[loanId] = figures;
    }

    function loanOf(bytes32 loanId) external view returns (LoanView memory) {
        return _loans[loanId];
    }

    function instalment(
        bytes32 loanId,
        uint16 index
    ) external view returns (Instalment memory row, Components memory unpaid) {
        LoanView storage loan = _loans[loanId];
        if (index >= loan.count) revert ILoanBook.LoanBookInstalmentOutOfBounds(index, loan.count);
        row.day = _figures[loanId].firstDay + 7 * uint32(index);
        return (row, unpaid);
    }

    function positionOf(bytes32 loanId) external view returns (Position memory position, Instalment[] memory rows) {
        position.outstandingPrincipal = _owed(loanId).outstanding;
        return (position, rows);
    }

    function today(bytes32 loanId) external view returns (uint32) {
        return _owed(loanId).today;
    }

    function due(bytes32 loanId, uint32 day) external view returns (Components memory) {
        return _on(loanId, day).due;
    }

    function payoff(bytes32 loanId, uint32 day) external view returns (Components memory) {
        return _on(loanId, day).payoff;
    }

    function daysPastDue(bytes32 loanId) external view returns (uint32) {
        return _owed(loanId).daysPastDue;
    }

    function _on(bytes32 loanId, uint32 day) private view returns (Figures storage figures) {
        figures = _owed(loanId);
        if (day != figures.today) revert ILoanBook.LoanBookDayBeforeStart(day, figures.today);
    }

    function _owed(bytes32 loanId) private view returns (Figures storage figures) {
        LoanState state = _loans[loanId].state;
        if (state != LoanState.Active && state != LoanState.WrittenOff) {
            revert ILoanBook.LoanBookWrongState(loanId, state);
        }
        return _figures[loanId];
    }
}
