// provisional
export const loanBookAbi = [
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "LoanBookAlreadyOriginated",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "LoanBookAmountZero",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "party",
    "type": "address"
   },
   {
    "internalType": "uint8",
    "name": "role",
    "type": "uint8"
   }
  ],
  "name": "LoanBookConsentMissing",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "party",
    "type": "address"
   },
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "LoanBookConsentWithdrawn",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   }
  ],
  "name": "LoanBookCurrencyNotAllowed",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   },
   {
    "internalType": "uint32",
    "name": "disbursedDay",
    "type": "uint32"
   }
  ],
  "name": "LoanBookDayBeforeDisbursement",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint8",
    "name": "rule",
    "type": "uint8"
   }
  ],
  "name": "LoanBookEarlySettlementInvalid",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint64",
    "name": "expiry",
    "type": "uint64"
   },
   {
    "internalType": "uint256",
    "name": "timestamp",
    "type": "uint256"
   }
  ],
  "name": "LoanBookExpired",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "LoanBookNotActive",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "LoanBookNothingOwed",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   },
   {
    "internalType": "uint32",
    "name": "fromDay",
    "type": "uint32"
   },
   {
    "internalType": "uint32",
    "name": "untilDay",
    "type": "uint32"
   }
  ],
  "name": "LoanBookOutsideDisbursementWindow",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "payee",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "borrower",
    "type": "address"
   }
  ],
  "name": "LoanBookPayeeNotBorrower",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "pool",
    "type": "address"
   }
  ],
  "name": "LoanBookPoolAlreadyRegistered",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "party",
    "type": "address"
   }
  ],
  "name": "LoanBookSameParty",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "rows",
    "type": "uint256"
   },
   {
    "internalType": "uint16",
    "name": "signed",
    "type": "uint16"
   }
  ],
  "name": "LoanBookScheduleCount",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "index",
    "type": "uint256"
   },
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   }
  ],
  "name": "LoanBookScheduleDayNotRising",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "index",
    "type": "uint256"
   }
  ],
  "name": "LoanBookScheduleEmptyRow",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "string",
    "name": "field",
    "type": "string"
   },
   {
    "internalType": "uint256",
    "name": "rows",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "signed",
    "type": "uint256"
   }
  ],
  "name": "LoanBookScheduleTotal",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "string",
    "name": "field",
    "type": "string"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "max",
    "type": "uint256"
   }
  ],
  "name": "LoanBookTermsOutOfBounds",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "expected",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "arrived",
    "type": "uint256"
   }
  ],
  "name": "LoanBookTransferShort",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "unit",
    "type": "uint256"
   }
  ],
  "name": "LoanBookUnitOutOfBounds",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint64",
    "name": "upfrontFee",
    "type": "uint64"
   },
   {
    "internalType": "uint64",
    "name": "principal",
    "type": "uint64"
   }
  ],
  "name": "LoanBookUpfrontFeeTooHigh",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "bytes4",
    "name": "waterfall",
    "type": "bytes4"
   }
  ],
  "name": "LoanBookWaterfallInvalid",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "string",
    "name": "field",
    "type": "string"
   }
  ],
  "name": "LoanBookZeroAddress",
  "type": "error"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "party",
    "type": "address"
   }
  ],
  "name": "ConsentWithdrawn",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "bool",
    "name": "allowed",
    "type": "bool"
   },
   {
    "indexed": false,
    "internalType": "uint8",
    "name": "decimals",
    "type": "uint8"
   },
   {
    "indexed": false,
    "internalType": "string",
    "name": "symbol",
    "type": "string"
   }
  ],
  "name": "CurrencyAllowed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "payee",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "amount",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "upfrontFee",
    "type": "uint64"
   }
  ],
  "name": "Disbursed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "amount",
    "type": "uint256"
   }
  ],
  "name": "HeldPaymentCollected",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "uint16",
    "name": "index",
    "type": "uint16"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "paymentNr",
    "type": "uint32"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "penalty",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "fee",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "interest",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "principal",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "waivedInterest",
    "type": "uint64"
   }
  ],
  "name": "InstalmentRepaid",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   }
  ],
  "name": "LoanClosed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "borrower",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "lender",
    "type": "address"
   },
   {
    "components": [
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "disburseFromDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "disburseUntilDay",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "totalRepayable",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "firstDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "lastDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "upfrontFee",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "uint8",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "bytes32",
      "name": "documentHash",
      "type": "bytes32"
     },
     {
      "internalType": "string",
      "name": "language",
      "type": "string"
     },
     {
      "internalType": "bytes32",
      "name": "salt",
      "type": "bytes32"
     },
     {
      "internalType": "uint64",
      "name": "expiry",
      "type": "uint64"
     },
     {
      "components": [
       {
        "internalType": "uint32",
        "name": "day",
        "type": "uint32"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       }
      ],
      "internalType": "struct Instalment[]",
      "name": "schedule",
      "type": "tuple[]"
     }
    ],
    "indexed": false,
    "internalType": "struct Agreement",
    "name": "agreement",
    "type": "tuple"
   }
  ],
  "name": "LoanOriginated",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "amount",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "owed",
    "type": "uint256"
   }
  ],
  "name": "PaymentHeld",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "pool",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "int32",
    "name": "utcOffset",
    "type": "int32"
   }
  ],
  "name": "PoolRegistered",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "payer",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "recipient",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "paymentNr",
    "type": "uint32"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   },
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "indexed": false,
    "internalType": "struct Components",
    "name": "paid",
    "type": "tuple"
   },
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "indexed": false,
    "internalType": "struct Components",
    "name": "totals",
    "type": "tuple"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "waivedInterest",
    "type": "uint64"
   },
   {
    "indexed": false,
    "internalType": "uint64",
    "name": "outstandingPrincipal",
    "type": "uint64"
   }
  ],
  "name": "Repaid",
  "type": "event"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   }
  ],
  "name": "collectHeld",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "amount",
    "type": "uint256"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "uint8",
    "name": "role",
    "type": "uint8"
   },
   {
    "components": [
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "disburseFromDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "disburseUntilDay",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "totalRepayable",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "firstDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "lastDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "upfrontFee",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "uint8",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "bytes32",
      "name": "documentHash",
      "type": "bytes32"
     },
     {
      "internalType": "string",
      "name": "language",
      "type": "string"
     },
     {
      "internalType": "bytes32",
      "name": "salt",
      "type": "bytes32"
     },
     {
      "internalType": "uint64",
      "name": "expiry",
      "type": "uint64"
     },
     {
      "components": [
       {
        "internalType": "uint32",
        "name": "day",
        "type": "uint32"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       }
      ],
      "internalType": "struct Instalment[]",
      "name": "schedule",
      "type": "tuple[]"
     }
    ],
    "internalType": "struct Agreement",
    "name": "agreement",
    "type": "tuple"
   }
  ],
  "name": "consentDigest",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "digest",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "daysPastDue",
  "outputs": [
   {
    "internalType": "uint32",
    "name": "",
    "type": "uint32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   }
  ],
  "name": "due",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "internalType": "struct Components",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "heldFor",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "internalType": "address",
    "name": "party",
    "type": "address"
   }
  ],
  "name": "isConsentWithdrawn",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   }
  ],
  "name": "isCurrencyAllowed",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "isPool",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "disburseFromDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "disburseUntilDay",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "totalRepayable",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "firstDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "lastDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "upfrontFee",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "uint8",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "bytes32",
      "name": "documentHash",
      "type": "bytes32"
     },
     {
      "internalType": "string",
      "name": "language",
      "type": "string"
     },
     {
      "internalType": "bytes32",
      "name": "salt",
      "type": "bytes32"
     },
     {
      "internalType": "uint64",
      "name": "expiry",
      "type": "uint64"
     },
     {
      "components": [
       {
        "internalType": "uint32",
        "name": "day",
        "type": "uint32"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       }
      ],
      "internalType": "struct Instalment[]",
      "name": "schedule",
      "type": "tuple[]"
     }
    ],
    "internalType": "struct Agreement",
    "name": "agreement",
    "type": "tuple"
   }
  ],
  "name": "loanIdOf",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "loanOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "enum LoanState",
      "name": "state",
      "type": "uint8"
     },
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "enum EarlySettlement",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint32",
      "name": "disbursedDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "nextInstalment",
      "type": "uint16"
     },
     {
      "components": [
       {
        "internalType": "uint64",
        "name": "penalty",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       }
      ],
      "internalType": "struct Components",
      "name": "partPaid",
      "type": "tuple"
     },
     {
      "components": [
       {
        "internalType": "uint64",
        "name": "penalty",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       }
      ],
      "internalType": "struct Components",
      "name": "paid",
      "type": "tuple"
     },
     {
      "internalType": "uint64",
      "name": "waivedInterest",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "payments",
      "type": "uint32"
     }
    ],
    "internalType": "struct LoanView",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "disburseFromDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "disburseUntilDay",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "totalRepayable",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "firstDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "lastDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "upfrontFee",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "uint8",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "bytes32",
      "name": "documentHash",
      "type": "bytes32"
     },
     {
      "internalType": "string",
      "name": "language",
      "type": "string"
     },
     {
      "internalType": "bytes32",
      "name": "salt",
      "type": "bytes32"
     },
     {
      "internalType": "uint64",
      "name": "expiry",
      "type": "uint64"
     },
     {
      "components": [
       {
        "internalType": "uint32",
        "name": "day",
        "type": "uint32"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       }
      ],
      "internalType": "struct Instalment[]",
      "name": "schedule",
      "type": "tuple[]"
     }
    ],
    "internalType": "struct Agreement",
    "name": "agreement",
    "type": "tuple"
   },
   {
    "internalType": "bytes",
    "name": "borrowerSignature",
    "type": "bytes"
   },
   {
    "internalType": "bytes",
    "name": "lenderSignature",
    "type": "bytes"
   }
  ],
  "name": "originate",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "pause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   }
  ],
  "name": "payoff",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "internalType": "struct Components",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "pool",
    "type": "address"
   }
  ],
  "name": "registerPool",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "internalType": "uint64",
    "name": "amount",
    "type": "uint64"
   }
  ],
  "name": "repay",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "internalType": "struct Components",
    "name": "paid",
    "type": "tuple"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "internalType": "uint64",
    "name": "amount",
    "type": "uint64"
   },
   {
    "internalType": "uint256",
    "name": "deadline",
    "type": "uint256"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "repayWithPermit",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "internalType": "struct Components",
    "name": "paid",
    "type": "tuple"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "scheduleOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint32",
      "name": "day",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     }
    ],
    "internalType": "struct Instalment[]",
    "name": "",
    "type": "tuple[]"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "bool",
    "name": "allowed",
    "type": "bool"
   }
  ],
  "name": "setCurrency",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "today",
  "outputs": [
   {
    "internalType": "uint32",
    "name": "day",
    "type": "uint32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "unpause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "name": "withdrawConsent",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 }
] as const;
export const lendingPoolAbi = [
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "currency",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "asset",
    "type": "address"
   }
  ],
  "name": "LendingPoolCurrencyMismatch",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "needed",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "cash",
    "type": "uint256"
   }
  ],
  "name": "LendingPoolInsufficientCash",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "lender",
    "type": "address"
   }
  ],
  "name": "LendingPoolLenderMismatch",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "caller",
    "type": "address"
   }
  ],
  "name": "LendingPoolNotLoanBook",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "int32",
    "name": "agreement",
    "type": "int32"
   },
   {
    "internalType": "int32",
    "name": "pool",
    "type": "int32"
   }
  ],
  "name": "LendingPoolUtcOffsetMismatch",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "int32",
    "name": "utcOffset",
    "type": "int32"
   }
  ],
  "name": "LendingPoolUtcOffsetOutOfBounds",
  "type": "error"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "principal",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "upfrontFee",
    "type": "uint256"
   }
  ],
  "name": "LoanFunded",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "cash",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "outstandingPrincipal",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "incomeReceived",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "totalSupply",
    "type": "uint256"
   }
  ],
  "name": "PoolUpdated",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "principal",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "income",
    "type": "uint256"
   }
  ],
  "name": "RepaymentBooked",
  "type": "event"
 },
 {
  "inputs": [],
  "name": "cash",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "incomeReceived",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "loanBook",
  "outputs": [
   {
    "internalType": "address",
    "name": "",
    "type": "address"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   },
   {
    "components": [
     {
      "internalType": "uint64",
      "name": "penalty",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "fee",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "interest",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     }
    ],
    "internalType": "struct Components",
    "name": "paid",
    "type": "tuple"
   },
   {
    "internalType": "uint256",
    "name": "unit",
    "type": "uint256"
   },
   {
    "internalType": "bool",
    "name": "closed",
    "type": "bool"
   }
  ],
  "name": "onRepaid",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "borrower",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "lender",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "currency",
      "type": "address"
     },
     {
      "internalType": "uint256",
      "name": "unit",
      "type": "uint256"
     },
     {
      "internalType": "address",
      "name": "payee",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "disburseFromDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "disburseUntilDay",
      "type": "uint32"
     },
     {
      "internalType": "uint64",
      "name": "principal",
      "type": "uint64"
     },
     {
      "internalType": "uint64",
      "name": "totalRepayable",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "firstDay",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "lastDay",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "count",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "upfrontFee",
      "type": "uint64"
     },
     {
      "internalType": "uint32",
      "name": "penaltyRateBps",
      "type": "uint32"
     },
     {
      "internalType": "uint16",
      "name": "penaltyGraceDays",
      "type": "uint16"
     },
     {
      "internalType": "uint64",
      "name": "penaltyCap",
      "type": "uint64"
     },
     {
      "internalType": "bytes4",
      "name": "waterfall",
      "type": "bytes4"
     },
     {
      "internalType": "uint8",
      "name": "earlySettlement",
      "type": "uint8"
     },
     {
      "internalType": "uint16",
      "name": "reversalDays",
      "type": "uint16"
     },
     {
      "internalType": "int32",
      "name": "utcOffset",
      "type": "int32"
     },
     {
      "internalType": "bytes32",
      "name": "documentHash",
      "type": "bytes32"
     },
     {
      "internalType": "string",
      "name": "language",
      "type": "string"
     },
     {
      "internalType": "bytes32",
      "name": "salt",
      "type": "bytes32"
     },
     {
      "internalType": "uint64",
      "name": "expiry",
      "type": "uint64"
     },
     {
      "components": [
       {
        "internalType": "uint32",
        "name": "day",
        "type": "uint32"
       },
       {
        "internalType": "uint64",
        "name": "principal",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "interest",
        "type": "uint64"
       },
       {
        "internalType": "uint64",
        "name": "fee",
        "type": "uint64"
       }
      ],
      "internalType": "struct Instalment[]",
      "name": "schedule",
      "type": "tuple[]"
     }
    ],
    "internalType": "struct Agreement",
    "name": "agreement",
    "type": "tuple"
   },
   {
    "internalType": "bytes",
    "name": "borrowerSignature",
    "type": "bytes"
   }
  ],
  "name": "originate",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "loanId",
    "type": "bytes32"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "outstandingPrincipal",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "pause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "unpause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "utcOffset",
  "outputs": [
   {
    "internalType": "int32",
    "name": "",
    "type": "int32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 }
] as const;
