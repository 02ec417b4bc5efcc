// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agreement, ILoanBook, LoanState, LoanView} from "../../contracts/interfaces/ILoanBook.sol";
import {Institution} from "./support/Institution.sol";
import {VM} from "./support/Vm.sol";

contract LoanBookTest is Institution {
    function test_aLoanOfAPoolMovesItsCash() external {
        deposit(1_000_000);
        uint256 before = dollar.balanceOf(borrower);
        bytes32 loanId = lend(draft());
        VM.assertEq(dollar.balanceOf(borrower) - before, 40_000 * UNIT);
        VM.assertEq(book.ownerOf(uint256(loanId)), address(pool));
        VM.assertEq(pool.books().outstanding, 40_000 * UNIT);
        VM.assertEq(pool.books().cash, 960_100 * UNIT);
        goToDay(FIRST_DAY + 7);
        pay(loanId, ROW);
        LoanView memory loan = book.loanOf(loanId);
        VM.assertEq(loan.nextInstalment, 1);
        VM.assertTrue(loan.state == LoanState.Active);
    }

    function test_nobodyLendsAfterTheExpiry() external {
        Agreement memory a = draft(lender, 2);
        a.expiry = uint64(block.timestamp - 1);
        bytes memory consent = borrowerConsent(a);
        refused(lender, abi.encodeWithSelector(ILoanBook.LoanBookExpired.selector, a.expiry, block.timestamp));
        book.originate(a, consent, "");
    }
}
