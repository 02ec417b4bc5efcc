import type { Change } from "./sources.ts";

/**
 * Bugs that the proofs must notice. Each property, named as "file of formal/.function", has a change of one place that it
 * must refute: a property that holds whatever the code does says nothing.
 */
const ACCRUAL = "contracts/libraries/AccrualBook.sol";
const BRACKETS = "contracts/libraries/AgeBrackets.sol";
const DAYS = "contracts/libraries/DayCount.sol";
const WATERFALL = "contracts/libraries/Waterfall.sol";

const truncatesDay: Change = {
  in: DAYS,
  find: "uint256(int256(timestamp) + utcOffset) / 1 days",
  replace: "uint256(int256(timestamp) - utcOffset) / 1 days",
};
const oneTooMany: Change = {
  in: ACCRUAL,
  find: "to == period.to ? residue : 0",
  replace: "to == period.to ? residue + 1 : 0",
};
const streamsAShortWeek: Change = {
  in: ACCRUAL,
  find: "DayCount.dayOf(gain.startedAt, utcOffset) + STREAM_DAYS + 1",
  replace: "DayCount.dayOf(gain.startedAt, utcOffset) + STREAM_DAYS",
};

export const twins: Record<string, Change> = {
  "Brackets.everyAgeIsInOneBracket": {
    in: BRACKETS,
    find: "rule.moreThanDays > previous.moreThanDays",
    replace: "true",
  },
  "Brackets.provisionNeverFallsWithAge": {
    in: BRACKETS,
    find: "(weighted + BASIS_POINTS - 1) / BASIS_POINTS",
    replace: "weighted / BASIS_POINTS + 1",
  },
  "Brackets.provisionIsRoundedUp": {
    in: BRACKETS,
    find: "(weighted + BASIS_POINTS - 1) / BASIS_POINTS",
    replace: "weighted / BASIS_POINTS",
  },
  "Brackets.moveLosesNothing": {
    in: "formal/Brackets.sol",
    find: "(_isLate(book, book.fromDay) ? before : 0) +",
    replace: "(_isLate(book, book.fromDay) ? before - rest : 0) +",
  },
  "Brackets.oneAdditionAddsBoth": {
    in: BRACKETS,
    find: "Aged.unwrap(a) + Aged.unwrap(b)",
    replace: "Aged.unwrap(a) | Aged.unwrap(b)",
  },
  "Brackets.dayThatBeginsTakesOneDueDayAcross": {
    in: "formal/Brackets.sol",
    find: "day - dueDay > book.moreThanDays",
    replace: "day - dueDay >= book.moreThanDays",
  },
  "Days.everySecondBelongsToOneDay": truncatesDay,
  "Days.dayBeginsWithItsFirstSecond": truncatesDay,
  "Days.timeNeverRunsBack": { in: DAYS, find: "uint32(uint256(", replace: "uint16(uint256(" },
  "Days.instalmentIsOnTimeDuringItsWholeDueDay": truncatesDay,
  "Interest.spreadLosesNothing": { in: ACCRUAL, find: "scaled % length", replace: "scaled % SCALE" },
  "Interest.netIsTheInterestWithoutTheFee": {
    in: ACCRUAL,
    find: "(interest * feeBps) / BASIS_POINTS",
    replace: "(interest / BASIS_POINTS) * feeBps",
  },
  "Interest.slopeAndResidueFitTheirFields": {
    in: ACCRUAL,
    find: "uint256 internal constant SCALE = 1e18;",
    replace: "uint256 internal constant SCALE = 1e28;",
  },
  "Interest.periodThatEndedCountsExactlyItsInterest": oneTooMany,
  "Interest.periodThatHasNotBegunCountsNothing": {
    in: ACCRUAL,
    find: "period.interest == 0 || timestamp <= start) return 0;",
    replace: "period.interest == 0 || timestamp <= start) return period.interest;",
  },
  "Interest.timeAloneNeverTakesAway": {
    in: ACCRUAL,
    find: "return slope * (timestamp - start);",
    replace: "return period.interest * SCALE + 1;",
  },
  "Interest.runningPeriodMissesLessThanANumeratorASecond": {
    in: ACCRUAL,
    find: "return slope * (timestamp - start);",
    replace: "return period.interest * SCALE;",
  },
  "Interest.piecesOfAPeriodAddUp": {
    in: ACCRUAL,
    find: "(to == period.to ? residue : 0)",
    replace: "(to == period.to ? residue : 1)",
  },
  "Line.layingChangesNothingInItsOwnSecond": {
    in: "formal/Line.sol",
    find: "            int256(_accrued(piece, laidAt));",
    replace: "            int256(_accrued(piece, laidAt)) +\n            1;",
  },
  "Line.lineCountsWhatAccruesFromThenOn": {
    in: "formal/Line.sol",
    find: "int256(residue) : int256(0)",
    replace: "int256(residue) : int256(1)",
  },
  "Line.lineNeverFallsWithTime": {
    in: "formal/Line.sol",
    find: "if (AccrualBook.startOf(piece.to, piece.utcOffset) <= laidAt) return 0;",
    replace: "if (AccrualBook.startOf(piece.to, piece.utcOffset) <= laidAt) return -1;",
  },
  "Payoff.payoffNeverExceedsWhatIsUnpaid": {
    in: "formal/Payoff.sol",
    find: "? 0 : uint64(earned - alreadyPaid)",
    replace: "? 0 : uint64(earned)",
  },
  "Payoff.payoffIsNothingBeforeAndAllFromTheDueDayOn": {
    in: "formal/Payoff.sol",
    find: "if (row.day <= day) return unpaidInterest;",
    replace: "if (row.day < day) return 0;",
  },
  "Payoff.payoffCoversWhatIsEarned": {
    in: "formal/Payoff.sol",
    find: "(day - start) + length - 1) / length",
    replace: "(day - start)) / length",
  },
  "Payoff.payoffNeverFallsWithTime": {
    in: "formal/Payoff.sol",
    find: "if (day <= start) return 0;",
    replace: "if (day <= start) return unpaidInterest;",
  },
  "Penalty.askingInBetweenChangesNothing": {
    in: "formal/Penalty.sol",
    find: "if (from < penaltyDay) from = penaltyDay;",
    replace: "if (from > penaltyDay) from = penaltyDay;",
  },
  "Penalty.graceIsFree": {
    in: "formal/Penalty.sol",
    find: "uint256(dueDay) + terms.penaltyGraceDays;\n        if",
    replace: "uint256(dueDay) + terms.penaltyGraceDays / 2;\n        if",
  },
  "Penalty.penaltyStaysWithinItsCap": {
    in: WATERFALL,
    find: "_min(numerator / PENALTY_SCALE, terms.penaltyCap)",
    replace: "_min(numerator / PENALTY_SCALE + 1, terms.penaltyCap)",
  },
  "Rows.rowComesBackAsItWasPacked": {
    in: "formal/Rows.sol",
    find: "interest: uint64((word / base) % base)",
    replace: "interest: uint64(word % base)",
  },
  "RowsNarrow.rowComesBackAsItWasPacked": {
    in: "formal/RowsNarrow.sol",
    find: "day: uint32(word / base / base / base)",
    replace: "day: uint32(word / base / base)",
  },
  "Split.turnTakesFromItsComponentAlone": {
    in: "formal/Split.sol",
    find: "part = taken.interest = _min(amount, owed.interest)",
    replace: "part = taken.principal = _min(amount, owed.interest)",
  },
  "Split.turnTakesAllItMayAndNoMore": {
    in: "formal/Split.sol",
    find: "part = taken.fee = _min(amount, owed.fee)",
    replace: "part = taken.fee = _min(amount, owed.interest)",
  },
  "Split.partsAddUp": {
    in: "formal/Split.sol",
    find: "component == 2) amount -=",
    replace: "component == 2) amount +=",
  },
  "Split.laterComponentWaitsForTheEarlierOnes": {
    in: WATERFALL,
    find: "return a < b ? uint64(a) : b;",
    replace: "return a < b ? uint64(a) / 2 : b;",
  },
  "Streams.streamRunsForAWeekAndToTheEndOfTheDay": streamsAShortWeek,
  "Streams.streamLosesNothing": {
    in: ACCRUAL,
    find: "spread(gain.scaled, end - gain.startedAt)",
    replace: "spread(gain.scaled, end - gain.startedAt + 1)",
  },
  "Streams.nothingHasComeAtFirstAndAllAtTheEnd": {
    in: ACCRUAL,
    find: "timestamp < end ? gain.scaled -",
    replace: "timestamp <= end ? gain.scaled -",
  },
  "Streams.whatIsToComeNeverRises": {
    in: ACCRUAL,
    find: "* (timestamp - gain.startedAt) : 0;",
    replace: "* (timestamp - gain.startedAt) : gain.scaled;",
  },
  "Streams.guestWinsAtMostHerPartOfAWeek": streamsAShortWeek,
};
