/**
 * The FHIRPath functions that an expression may call, with the numbers of arguments they take. Needed because the library answers a wrong
 * number with an empty collection and an unknown name only when the call is reached. `resolve`, `memberOf` and the terminology
 * calls are left out: they ask the network.
 */
const anyNumber = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const byArguments: readonly (readonly [counts: readonly number[], names: string])[] = [
  [[0], 'empty not allTrue anyTrue allFalse anyFalse isDistinct distinct count sum min max avg weight ordinal single first last type tail ' +
    'toInteger toLong toDecimal toString toDate toDateTime toTime toBoolean hasValue getValue htmlChecks convertsToBoolean ' +
    'convertsToInteger convertsToLong convertsToDecimal convertsToString convertsToDate convertsToDateTime convertsToTime convertsToQuantity ' +
    'upper lower length toChars trim abs ceiling exp floor ln sqrt truncate now today timeOfDay yearOf monthOf dayOf hourOf minuteOf secondOf ' +
    'millisecondOf timezoneOffsetOf dateOf timeOf children descendants'],
  [[0, 1], 'exists toQuantity pathname join round lowBoundary highBoundary'],
  [[1], 'all subsetOf supersetOf where extension select ofType is as take skip combine union intersect exclude indexOf lastIndexOf startsWith ' +
    'endsWith contains split encode decode escape unescape log power repeat comparable'],
  [[1, 2], 'aggregate trace defineVariable substring matches matchesFull'],
  [[2], 'replace replaceMatches'],
  [[2, 3], 'iif'],
  [anyNumber, 'sort'],
  [anyNumber.slice(1), 'coalesce'],
];

export const functionArguments: ReadonlyMap<string, readonly number[]> = new Map(
  byArguments.flatMap(([counts, names]) => names.split(' ').map((name) => [name, counts] as const)));
