import { type Judgement, type StateName, stateNames } from '../../../shared/model/status.ts';
import { causesOf } from './causes.ts';
import type { StatusFacts } from './facts.ts';
import { stateTable } from './state-table.ts';

/** The one state of an install and its sentence. It never claims more than the facts show: the worst source speaks. */
export function judge(facts: StatusFacts): Judgement {
  const state = stateOf(facts);
  const { sentence, short, action, shape, severity } = stateTable[state];
  return {
    state,
    sentence: sentence(facts),
    short: short(facts),
    shape,
    severity,
    action: action(facts),
    exitCode: exitCodeOf(state, facts),
    causes: [...causesOf(facts)],
  };
}

function stateOf(facts: StatusFacts): StateName {
  return stateNames.find((name) => stateTable[name].fits(facts)) ?? 'protected';
}

/** 0 protected, 3 attention, 1 worse. While a backup runs it is what it was without. */
function exitCodeOf(state: StateName, facts: StatusFacts): Judgement['exitCode'] {
  if (state === 'protected') return 0;
  if (state === 'running') {
    const before = { ...facts, running: undefined };
    return exitCodeOf(stateOf(before), before);
  }
  return stateNames.indexOf(state) >= stateNames.indexOf('attention') ? 3 : 1;
}
